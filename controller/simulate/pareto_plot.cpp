#include "controller/simulate/pareto_plot.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

#include "controller/simulate/plot_axis.hpp"
#include "controller/simulate/svg.hpp"

namespace evenkeel {
namespace {

constexpr double kWidth = 980;
constexpr double kHeight = 290;
constexpr double kLeft = 52;
constexpr double kRight = 960;
constexpr double kTop = 20;
constexpr double kBottom = 250;
constexpr double kGap = 5;
constexpr double kHalfLetter = 3.5;
constexpr double kRadius = 4.5;
constexpr double kLetterWidth = 6;
constexpr double kLetterHeight = 11;
constexpr double kFarApart = 30;  // greatest to least, from where on a scale is logarithmic
constexpr int kMostTicks = 10;

struct Box {
  double left;
  double top;
  double right;
  double bottom;

  [[nodiscard]] bool Meets(const Box& other) const {
    return left < other.right && other.left < right && top < other.bottom && other.top < bottom;
  }
};

class ParetoPlot {
 public:
  ParetoPlot(const Study& study, const std::vector<const PolicyOutcome*>& outcomes)
      : study_(study), outcomes_(outcomes), x_(HoursAxis(outcomes)), y_(BadAxis(outcomes)) {}

  std::string Svg() {
    std::string svg = Frame() + Front();
    for (const PolicyOutcome* outcome : outcomes_) {
      taken_.push_back(BoxAround(XOf(*outcome), YOf(*outcome)));
    }
    for (const PolicyOutcome* outcome : outcomes_) svg += Point(*outcome);
    return "<svg class=\"pareto\" viewBox=\"0 0 " + SvgNumber(kWidth) + " " + SvgNumber(kHeight) +
           "\" role=\"img\">\n<title>Bad requests against replica hours</title>\n" + svg +
           "</svg>\n";
  }

 private:
  static const Estimate& Hours(const PolicyOutcome& outcome) {
    return outcome.Of(&Scores::replica_hours);
  }
  static Estimate BadPercent(const PolicyOutcome& outcome) {
    Estimate bad = outcome.Of(&Scores::bad_requests);
    bad.mean *= 100;
    if (bad.half) *bad.half *= 100;
    return bad;
  }

  // A little wider than from the least to the greatest.
  static PlotAxis HoursAxis(const std::vector<const PolicyOutcome*>& outcomes) {
    const auto [least, most] =
        std::ranges::minmax(outcomes, {}, [](const auto* one) { return Hours(*one).mean; });
    const double margin = std::max((Hours(*most).mean - Hours(*least).mean) * 0.12, 0.5);
    return PlotAxis::Linear(std::max(Hours(*least).mean - margin, 0.0), Hours(*most).mean + margin,
                            kLeft, kRight);
  }

  // With room for the intervals, unless they are so wide that they would hide the points.
  static PlotAxis BadAxis(const std::vector<const PolicyOutcome*>& outcomes) {
    double least = BadPercent(*outcomes.front()).mean;
    double most = 0;
    double reach = 0;
    for (const PolicyOutcome* outcome : outcomes) {
      const Estimate bad = BadPercent(*outcome);
      least = std::min(least, bad.mean);
      most = std::max(most, bad.mean);
      reach = std::max(reach, bad.mean + bad.half.value_or(0));
    }
    if (least > 0 && most / least >= kFarApart) {
      return PlotAxis::Logarithmic(least, most, kBottom, kTop);
    }
    return PlotAxis::Linear(0, most > 0 ? std::clamp(reach * 1.05, most * 1.1, most * 1.6) : 1,
                            kBottom, kTop);
  }

  [[nodiscard]] double XOf(const PolicyOutcome& outcome) const {
    return x_.At(Hours(outcome).mean);
  }
  [[nodiscard]] double YOf(const PolicyOutcome& outcome) const {
    return y_.At(BadPercent(outcome).mean);
  }

  [[nodiscard]] std::string Frame() const {
    std::string svg =
        SvgText(kLeft, kTop - kGap, "title",
                y_.logarithmic() ? "Bad requests, % (logarithmic)" : "Bad requests, %") +
        SvgText(kRight, kHeight - kGap, "title to-left", "replica hours");
    for (const double tick : x_.Ticks(kMostTicks)) {
      svg += SvgLine(x_.At(tick), kTop, x_.At(tick), kBottom, "grid");
      svg += SvgText(x_.At(tick), kBottom + 3 * kGap, "time", TickText(tick));
    }
    for (const double tick : y_.Ticks(kMostTicks)) {
      svg += SvgLine(kLeft, y_.At(tick), kRight, y_.At(tick), "grid");
      svg += SvgText(kLeft - kGap, y_.At(tick) + kHalfLetter, "value", TickText(tick));
    }
    return svg;
  }

  // What is above and to the right of it is worse than a policy on the front.
  [[nodiscard]] std::string Front() const {
    std::vector<const PolicyOutcome*> front;
    std::ranges::copy_if(outcomes_, std::back_inserter(front), &PolicyOutcome::on_front);
    if (front.empty()) return "";
    std::ranges::sort(front, {}, [](const auto* one) { return Hours(*one).mean; });
    std::string path = "M" + SvgNumber(XOf(*front.front())) + "," + SvgNumber(kTop);
    for (const PolicyOutcome* outcome : front) {
      path += "H" + SvgNumber(XOf(*outcome)) + "V" + SvgNumber(YOf(*outcome));
    }
    return "<path class=\"front\" d=\"" + path + "H" + SvgNumber(kRight) + "\"/>\n";
  }

  [[nodiscard]] std::string Intervals(const PolicyOutcome& outcome) const {
    std::string svg;
    const Estimate& hours = Hours(outcome);
    const Estimate bad = BadPercent(outcome);
    if (hours.half) {
      svg += SvgLine(x_.At(hours.mean - *hours.half), YOf(outcome), x_.At(hours.mean + *hours.half),
                     YOf(outcome), "interval");
    }
    if (bad.half) {
      svg += SvgLine(XOf(outcome), y_.At(bad.mean - *bad.half), XOf(outcome),
                     y_.At(bad.mean + *bad.half), "interval");
    }
    return svg;
  }

  static Box BoxAround(double x, double y) {
    return {x - kRadius, y - kRadius, x + kRadius, y + kRadius};
  }

  // The first place beside a point where a text of this width is in nobody's way.
  std::optional<Box> PlaceFor(double x, double y, double width) {
    const double beside = kRadius + kGap;
    const double half = kLetterHeight / 2;
    const std::array lefts = {x + beside, x - beside - width, x - width / 2};
    for (const double down : {0.0, -beside - half, beside + half, -3 * half - beside}) {
      for (const double left : lefts) {
        const Box box{left, y + down - half, left + width, y + down + half};
        const bool inside = box.left >= kLeft && box.right <= kWidth && box.bottom <= kBottom;
        const auto meets = [&](const Box& other) { return box.Meets(other); };
        if (inside && std::ranges::none_of(taken_, meets)) return box;
      }
    }
    return std::nullopt;
  }

  std::string Name(const PolicyOutcome& outcome, const std::string& name) {
    if (!outcome.best_bad_requests && !outcome.best_replica_hours) return "";
    const double width = static_cast<double>(name.size()) * kLetterWidth + kGap;  // to the next one
    const auto box = PlaceFor(XOf(outcome), YOf(outcome), width);
    if (!box) return "";
    taken_.push_back(*box);
    return SvgText(box->left, box->bottom - 2, outcome.on_front ? "name on-front" : "name", name);
  }

  std::string Point(const PolicyOutcome& outcome) {
    const StudyPolicy& policy = study_.policies()[outcome.policy];
    const double x = XOf(outcome);
    const double y = YOf(outcome);
    const std::string shape =
        policy.limit ? SvgRect(x - kRadius, y - kRadius, 2 * kRadius, 2 * kRadius, "limit")
                     : "<circle class=\"" + std::string(outcome.on_front ? "on-front" : "behind") +
                           "\" cx=\"" + SvgNumber(x) + "\" cy=\"" + SvgNumber(y) + "\" r=\"" +
                           SvgNumber(kRadius) + "\"/>\n";
    return "<g class=\"p" + std::to_string(outcome.policy) + "\"><title>" + Escaped(policy.name) +
           ": " + TickText(BadPercent(outcome).mean) + " % bad requests, " +
           TickText(Hours(outcome).mean) + " replica hours</title>\n" + Intervals(outcome) + shape +
           Name(outcome, policy.name) + "</g>\n";
  }

  const Study& study_;
  const std::vector<const PolicyOutcome*>& outcomes_;
  const PlotAxis x_;
  const PlotAxis y_;
  std::vector<Box> taken_{};  // by points and names
};

}  // namespace

std::string ParetoSvg(const Study& study, std::size_t scenario,
                      const std::vector<PolicyOutcome>& outcomes) {
  std::vector<const PolicyOutcome*> here;
  for (const PolicyOutcome& outcome : outcomes) {
    if (outcome.scenario == scenario) here.push_back(&outcome);
  }
  return ParetoPlot(study, here).Svg();
}

}  // namespace evenkeel

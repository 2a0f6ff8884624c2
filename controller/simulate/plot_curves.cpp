#include "controller/simulate/plot_curves.hpp"

#include <algorithm>
#include <span>

namespace evenkeel {
namespace {

constexpr double kSecond = 1;
constexpr double kWindow = kRecordWindow.count();
constexpr double kMiddle = 0.5;

// A point per part: at this place within it (0: its beginning), with what `reduce` makes of it.
// Each element takes `step` seconds.
template <class Element, class Reduce>
PlotCurve Thinned(const std::vector<Element>& all, double step, double place, Reduce reduce) {
  PlotCurve curve;
  const std::size_t width = (all.size() + kMostPlotPoints - 1) / kMostPlotPoints;
  for (std::size_t begin = 0; begin < all.size(); begin += width) {
    const std::size_t length = std::min(width, all.size() - begin);
    const double at = (static_cast<double>(begin) + place * static_cast<double>(length)) * step;
    curve.push_back({at, reduce(std::span(all).subspan(begin, length))});
  }
  return curve;
}

PlotCurve Steps(const Record& record, Replicas SecondRecord::* member) {
  PlotCurve curve =
      Thinned(record.seconds, kSecond, 0, [member](std::span<const SecondRecord> part) {
        return static_cast<double>((*std::ranges::max_element(part, {}, member)).*member);
      });
  if (!curve.empty()) {
    curve.push_back({static_cast<double>(record.seconds.size()), curve.back().value});
  }
  return curve;
}

// Was any pod ready in the window of this index?
bool AnyReady(const Record& record, std::size_t window) {
  const auto length = static_cast<std::size_t>(kWindow);
  const std::size_t begin = std::min(window * length, record.seconds.size());
  const std::size_t end = std::min(begin + length, record.seconds.size());
  return std::ranges::any_of(std::span(record.seconds).subspan(begin, end - begin),
                             [](const SecondRecord& second) { return second.ready > 0; });
}

std::vector<std::optional<double>> KnownUtilization(const Record& record) {
  std::vector<std::optional<double>> known;
  for (std::size_t i = 0; i < record.windows.size(); ++i) {
    known.push_back(AnyReady(record, i) ? std::optional<double>(record.windows[i].utilization)
                                        : std::nullopt);
  }
  return known;
}

}  // namespace

PlotCurve LoadCurve(const Record& record) {
  return Thinned(record.seconds, kSecond, kMiddle, [](std::span<const SecondRecord> part) {
    double sum = 0;
    for (const SecondRecord& second : part) sum += second.rate;
    return sum / static_cast<double>(part.size());
  });
}

PlotCurve UtilizationCurve(const Record& record) {
  using Known = std::optional<double>;
  return Thinned(KnownUtilization(record), kWindow, kMiddle, [](std::span<const Known> part) {
    double sum = 0;
    double count = 0;
    for (const Known& value : part) {
      if (!value) continue;
      sum += *value;
      ++count;
    }
    return count > 0 ? Known(sum / count) : std::nullopt;
  });
}

PlotCurve P99Curve(const Record& record) {
  return Thinned(record.windows, kWindow, kMiddle, [](std::span<const WindowRecord> part) {
    std::optional<double> most;
    for (const WindowRecord& window : part) {
      if (window.requests > 0) most = std::max<double>(most.value_or(0), window.p99);
    }
    return most;
  });
}

PlotCurve ReplicasCurve(const Record& record) { return Steps(record, &SecondRecord::spec); }

PlotCurve NeededCurve(const Record& record) { return Steps(record, &SecondRecord::needed); }

}  // namespace evenkeel

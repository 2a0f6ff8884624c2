#include "controller/simulate/episode.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/simulate/agenda.hpp"
#include "controller/simulate/deployment.hpp"
#include "controller/simulate/disturbances.hpp"
#include "controller/simulate/plant.hpp"
#include "controller/simulate/pod_sampler.hpp"
#include "controller/simulate/random.hpp"
#include "controller/simulate/rate_table.hpp"
#include "controller/simulate/streams.hpp"
#include "controller/simulate/telemetry.hpp"
#include "controller/simulate/truth.hpp"

namespace evenkeel {
namespace {

// From a decision to where the Deployment controller acts on it: queries, patch, watch.
constexpr double kActing = 1;

class Episode {
 public:
  Episode(const Scenario& scenario, double max_utilization, const ScalerKind& kind,
          std::uint64_t seed)
      : scenario_(scenario),
        kind_(kind),
        seed_(seed),
        rates_(RateTable(scenario, seed)),
        truth_(TruthOf(scenario, rates_, max_utilization)),
        plant_(scenario, rates_, seed),
        telemetry_(scenario),
        scrape_random_(seed, stream::kScrapes),
        deployment_(scenario, plant_, seed,
                    [this](PodIndex pod, double ready_at) { ExpectReady(pod, ready_at); }),
        disturbances_(scenario, plant_, telemetry_, deployment_),
        sampler_(plant_, deployment_) {
    record_ = {scenario.name, kind.name, seed, scenario.duration, scenario.warmup};
    StartScaler();
    for (const PodIndex pod : deployment_.Running()) ScrapeFrom(0, pod);
    Every(scrape_random_.Between(0, Scrape()), Scrape(),
          [this](double now) { telemetry_.ScrapeIngress(now, plant_); });
    disturbances_.Schedule(agenda_, [this] { RestartScaler(); });
    Every(1, 1, [this](double now) { EndSecond(now); });
    const double period = scaler_->Period().count();
    Every(period * (1 - Random(seed, stream::kRounds).Between(0, 1)), period,
          [this](double now) { Tick(now); });
  }

  Record Run(const OnMinute& on_minute) {
    const double end = scenario_.duration.count();
    double next_minute = 60;
    while (!agenda_.Empty() && agenda_.NextTime() <= end) {
      const double now = agenda_.NextTime();
      plant_.RunTo(SimSeconds{now});
      telemetry_.Collect(plant_);
      agenda_.TakeNext()(now);
      if (now < next_minute) continue;
      next_minute += 60;
      if (on_minute && !on_minute(SimSeconds{now})) break;
    }
    return Finish();
  }

 private:
  [[nodiscard]] double Scrape() const { return scenario_.metrics.scrape.count(); }

  void Every(double at, double period, Agenda::Action action) {
    agenda_.Add(at, [this, period, action = std::move(action)](double now) {
      action(now);
      Every(now + period, period, action);
    });
  }

  void StartScaler() {
    const std::uint64_t lots = Random(seed_, stream::kScaler).Bits();
    scaler_ = kind_.make(scenario_, truth_, lots);
    needs_ = scaler_->Needs();
  }

  void RestartScaler() {
    const nlohmann::json status = scaler_->Status();
    StartScaler();
    scaler_->Resume(status);
  }

  void ExpectReady(PodIndex pod, double ready_at) {
    agenda_.Add(ready_at, [this, pod](double now) {
      if (!deployment_.BecomeReady(now, pod)) return;
      ScrapeFrom(now, pod);
    });
  }

  void ScrapeFrom(double now, PodIndex pod) {
    ScrapeNext(now + scrape_random_.Between(0, Scrape()), pod);
  }

  void ScrapeNext(double at, PodIndex pod) {
    agenda_.Add(at, [this, pod](double now) {
      if (!deployment_.Runs(pod)) return telemetry_.ForgetPod(now, pod);
      if (telemetry_.ScrapePod(now, pod, plant_)) EndScrape(now, pod);
      ScrapeNext(now + Scrape(), pod);
    });
  }

  void EndScrape(double begun, PodIndex pod) {
    agenda_.Add(begun + scenario_.metrics.ScrapeTimeout().count(),
                [this, begun, pod](double) { telemetry_.EndScrape(begun, pod); });
  }

  void Tick(double now) {
    const TimePoint time = AtSimTime(SimSeconds{now});
    const TargetState state = deployment_.State();
    const Readings readings = telemetry_.Answer(needs_, scaler_->Window(), time);
    if (scaler_->AsksPods()) sampler_.Take(now);
    const Verdict verdict = scaler_->Tick(
        {SimSeconds{now}, time, state, readings, sampler_.samples(), truth_,
         [this](TimePoint then) { return telemetry_.AnswerOf(needs_, scaler_->Window(), then); }});
    const Replicas wanted =
        std::clamp(verdict.replicas, scenario_.min_replicas, scenario_.max_replicas);
    if (wanted == deployment_.replicas()) return;
    agenda_.Add(now + kActing,
                [this, wanted, reason = verdict.reason](double at) { Apply(at, wanted, reason); });
  }

  void Apply(double now, Replicas wanted, const std::string& reason) {
    if (wanted == deployment_.replicas()) return;
    record_.changes.push_back({SimSeconds{now}, deployment_.replicas(), wanted, reason});
    deployment_.SetReplicas(now, wanted);
  }

  void EndSecond(double now) {
    for (const PodIndex pod : deployment_.EndDrained(now)) telemetry_.ForgetPod(now, pod);
    const SimSeconds middle{now - 0.5};
    record_.seconds.push_back({static_cast<float>(truth_.rate(middle)), deployment_.replicas(),
                               deployment_.ready(), NeededAt(truth_, scenario_, middle)});
    NoteUtilization(now);
  }

  // Of all pods that run, over the window that ends now.
  void NoteUtilization(double now) {
    const double busy = plant_.AllBusySeconds();
    ready_seconds_ += deployment_.ready();
    const auto windows = static_cast<std::size_t>(std::floor(now / kRecordWindow.count()));
    if (windows == windows_noted_ || windows > plant_.ledger().windows().size()) return;
    windows_noted_ = windows;
    plant_.ledger().windows()[windows - 1].utilization =
        ready_seconds_ > 0 ? static_cast<float>((busy - busy_noted_) / ready_seconds_) : 0;
    busy_noted_ = busy;
    ready_seconds_ = 0;
  }

  Record Finish() {
    plant_.ledger().Finish();
    record_.windows = plant_.ledger().windows();
    record_.pods = deployment_.Records();
    record_.requests = plant_.requests();
    return std::move(record_);
  }

  const Scenario& scenario_;
  const ScalerKind& kind_;
  std::uint64_t seed_;
  std::vector<double> rates_;
  Truth truth_;
  Agenda agenda_;
  Plant plant_;
  Telemetry telemetry_;
  Random scrape_random_;
  Deployment deployment_;
  Disturbances disturbances_;
  PodSampler sampler_;
  std::unique_ptr<Scaler> scaler_;
  std::vector<Need> needs_;
  Record record_;
  double ready_seconds_ = 0;
  double busy_noted_ = 0;
  std::size_t windows_noted_ = 0;
};

}  // namespace

Record Simulate(const Scenario& scenario, double max_utilization, const ScalerKind& scaler,
                std::uint64_t seed, const OnMinute& on_minute) {
  return Episode(scenario, max_utilization, scaler, seed).Run(on_minute);
}

}  // namespace evenkeel

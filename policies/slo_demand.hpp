// The demand behind the readings, in erlangs: how many event loops the load keeps busy. It does not
// depend on how many pods carry it, so N = demand / target utilization is an absolute answer.
//
// Calm      The loops' utilization times the pods that served is the demand. It is a rate between
//           two scrapes (without them: of a window): what a pod takes over that has just begun to
//           serve is missing from the others' utilization only later. So the number of pods is
//           followed with a time constant of two scrapes, or half a window. The demand is smoothed
//           and its trend followed (Holt 1957, here for readings that come at any distance), so
//           that pods are asked for as early as they take to start; a rise counts only beyond the
//           noise of the forecasts so far and up to four fifths of the level, and a jump is a new
//           level and no trend, unless it is the third one upwards in a row.
// Overload  A loop that is always busy cannot show how much more is offered. Its backlog can: with
//           the load at r times the capacity, the waiting grows by r - 1 seconds per second, and
//           the lag, which is an iteration of libuv's loop and ends up to one such later, by about
//           (r - 1) / (1 + (r - 1) / 2): r = (1 + g / 2) / (1 - g / 2) for a growth g. When the
//           overload began in a pod tells its utilization: of a scrape's interval that share was
//           busy. So the first readings of an overload say how many pods it needs. Falling lag is
//           a backlog that drains, and asks for nothing more.
//           Prometheus dials anew for each scrape, and a loop with a backlog accepts one connection
//           an iteration: the scrapes of an overloaded pod time out. Then what the proxy counts is
//           left, requests that it gave up included: their rate, times the work per request that
//           the loops showed before. The rate of the whole window lags; what it has risen by since
//           the last reading belongs to the time between, while the load before is still in it:
//           times the window, less one distance of samples (it is a rate from sample to sample),
//           over that time. A scrape that is only overdue yet counts as one that timed out, if the
//           proxy already counts a flood (slo_view.cpp).
//           Where the requests in flight are known, too, nothing is hidden: what went and what
//           piled up are together what came (slo_in_flight.hpp). While a backlog drains, only the
//           mean over the window is taken: what ends lately is the backlog. They count in an
//           overload only, for a slow database makes them pile up as well.
//           An overload that grows from reading to reading is followed to the time when a pod
//           serves, by the smaller one of its last two rises.
#pragma once

#include <optional>

#include "policies/slo_view.hpp"

namespace evenkeel::slo {

struct Demand {
  double now = 0;      // erlangs that the loops show, smoothed; may exceed the pods in an overload
  double ahead = 0;    // erlangs by the time that a pod asked for now serves
  double horizon = 0;  // s until then
  bool overload = false;  // the loops are saturated, or their backlogs tell of a demand above that
  Model model{};          // to be remembered
};

// Nothing if neither the loops' utilization is known nor what it was shortly before an overload.
[[nodiscard]] std::optional<Demand> EstimateDemand(const View& view);

}  // namespace evenkeel::slo

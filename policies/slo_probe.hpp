// Is it really lost downstream? Late requests over cold event loops mostly wait for a database that
// more replicas would only burden. But they may wait for something that each pod has of its own: a
// pool of connections, worker threads, a limit of calls in flight. Then more pods do help, and only
// trying tells.
//
//   probe     After ten minutes of such a breach a tenth more pods, at least one, are asked for.
//   helped    If latency has fallen by 15 % when they show their effect (start-up and 1.25 windows
//             later), of a load that has not, a fifth more follow, and so on.
//   in vain   Else so many are given back as were tried (asked for until behavior's window for
//             scale-in has passed), and the next probe waits twice as long, at most two hours.
//   limit     Where it helped, the rate per pod before it was too much. For a day, nine tenths of
//             that are what a pod is given, whatever its loop could do.
// A breach that ends, or loops that turn hot, end the trying.
#pragma once

#include "policies/slo_ask.hpp"
#include "policies/slo_memory.hpp"
#include "policies/slo_view.hpp"

namespace evenkeel::slo {

// For a service with latency above its objective and cold event loops.
[[nodiscard]] Ask AskDownstream(const View& view);

// Pods for the requests of now, by the limit that was found; 0: none was, or it is forgotten. As
// many as there are while the requests are not known.
[[nodiscard]] Replicas NeededByLimit(const View& view);

// What of it is to be remembered.
void RememberProbe(const View& view, const Ask& ask, Memory& memory);

}  // namespace evenkeel::slo

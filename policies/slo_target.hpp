// How busy the event loops may be: the target utilization of a policy that states none.
//
// Late ones  Where badRatio is known, of requests at rest: the share p that was slower than the
//            objective, and the loops' mean idle share 1 - u beside them. The waiting time at a
//            busy server has an exponential tail whose rate grows with 1 - u (Cramér-Lundberg; for
//            M/M/1, P(T > t) = exp(-(1 - u) · t / s) exactly), so ln p is in proportion to 1 - u,
//            and with p* = 0.2 % late requests aimed at, a fifth of what a P99 allows,
//              1 - u* = (1 - u) · ln p* / ln p.
//            The P99 itself does not tell that: between two buckets of a histogram it is
//            interpolated, and may read twice what it is.
//            u* is kept within [0.50, 0.70]: a slow database makes requests late, and would lower
//            it without any use; above 0.70 a surge leaves no time to start a pod. The sums forget
//            by 0.995 per 15 s (a half-life of 35 min). Before 40 readings u* is 0.60.
// Rest       The same size for two minutes (which a replay of past turns tells exactly, unlike the
//            ages of pods that are gone), no pod starting, no backlog, no hot pod, no errors above
//            their objective, and latency within its objective or late by the loops' own doing.
// Regret     An overload that nobody foresaw, or latency of the loops' own making above its
//            objective, says that this load needs more room than it does at rest: a ceiling over
//            u* falls by 0.05, not below 0.50, and rises by 0.02 an hour.
#pragma once

#include "policies/slo_memory.hpp"
#include "policies/slo_view.hpp"

namespace evenkeel::slo {

[[nodiscard]] bool IsAtRest(const View& view);

// 0..1.
[[nodiscard]] double TargetUtilization(const Memory& memory, TimePoint now);

// Adds a reading of a service at rest; others leave the memory as it is.
void LearnLate(const View& view, Memory& memory);

// The ceiling falls.
void Regret(Memory& memory, TimePoint now);

}  // namespace evenkeel::slo

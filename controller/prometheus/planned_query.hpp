// What is done with one query of a plan while it is being planned.
#pragma once

#include <span>
#include <string_view>

#include "controller/prometheus/planner.hpp"

namespace evenkeel {

// The query with these members, and the PromQL that asks for them.
[[nodiscard]] PlannedQuery WithMembers(PlannedQuery query, std::span<const Member> members);

// Neighbours in a batch should share a namespace: the shorter the selector, the fewer series.
void SortByTarget(std::vector<Member>& members);

// Sorted members, cut into runs of at most `most` and, if `by_namespace`, only between namespaces,
// as far as that is possible.
[[nodiscard]] std::vector<std::span<const Member>> Cut(std::span<const Member> members,
                                                       std::size_t most, bool by_namespace);

}  // namespace evenkeel

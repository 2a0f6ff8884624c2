#include "controller/kubernetes/own_write.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "controller/kubernetes/requests.hpp"

namespace evenkeel {
namespace {

bool IsInteger(std::string_view text) {
  return !text.empty() && text.front() != '0' &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool IsOlder(std::string_view a, std::string_view b) {
  if (!IsInteger(a) || !IsInteger(b)) return false;
  const auto length_a = a.size();
  const auto length_b = b.size();
  return std::tie(length_a, a) < std::tie(length_b, b);
}

}  // namespace

bool Precedes(const Workload& workload, const OwnWrite& write) {
  if (workload.uid != write.uid || workload.resource_version == write.resource_version) {
    return false;
  }
  return workload.resource_version == write.before ||
         IsOlder(workload.resource_version, write.resource_version);
}

void Overlay(const OwnWrite& write, Workload& workload) {
  if (workload.spec_replicas != write.replicas) ++workload.generation;
  workload.spec_replicas = write.replicas;
  workload.resource_version = write.resource_version;
  workload.replicas_writer = ReplicasWriter{std::string(kFieldManager), true};
}

}  // namespace evenkeel

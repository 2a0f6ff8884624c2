// JSON of the API server → objects.hpp. Used by responses.cpp.
#pragma once

#include <nlohmann/json.hpp>

#include "controller/kubernetes/json_filter.hpp"
#include "controller/kubernetes/objects.hpp"
#include "controller/kubernetes/resources.hpp"
#include "policies/result.hpp"

namespace evenkeel {

// What to keep of an object, or of the metav1.Status that may stand in its place.
[[nodiscard]] const Shape& ShapeOf(ResourceKind kind);

// kMalformed names the field that is missing or wrong.
[[nodiscard]] Result<Object> ToObject(ResourceKind kind, nlohmann::json json);

}  // namespace evenkeel

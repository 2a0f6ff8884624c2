// How the HTML report looks and what moves in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace evenkeel {

extern const std::string_view kReportCss;
// Shows and hides policies, and moves the names behind the curves apart. Without it, the page is
// complete but for that.
extern const std::string_view kReportScript;

// The colour and the dashes of the first `policies` policies: no two of 32 have both in common,
// and colours are distinct for those who do not see red and green apart.
[[nodiscard]] std::string PolicyCss(std::size_t policies);

}  // namespace evenkeel

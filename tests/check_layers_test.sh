#!/usr/bin/env bash
# Self-test of check_layers.sh: plants each kind of violation in a tree of its own and expects it to
# be named with file and line. Prints TAP.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
number=0
failed=0

# expect NAME STATUS PATTERN: what check_layers.sh says of the tree as it is.
expect() {
  local output status=0 verdict='not ok'
  output=$("$here/check_layers.sh" "$tree" 2>&1) || status=$?
  # shellcheck disable=SC2053  # a pattern
  [[ $status == "$2" && $output == $3 ]] && verdict=ok
  number=$((number + 1))
  echo "$verdict $number - $1"
  if [[ $verdict != ok ]]; then
    failed=1
    printf '# wanted status %s and "%s", got %s:\n%s\n' "$2" "$3" "$status" "$output" | sed '2,$s/^/#   /'
  fi
}

clean_tree() {
  rm -rf "${tree:?}"/*
  mkdir -p "$tree"/policies "$tree"/controller/{core,kubernetes,prometheus,runtime} "$tree"/tests/support
  echo '#include <chrono>  // never Clock::now()' >"$tree/policies/policy.hpp"
  printf '%s\n' '#include <vector>' '#include <nlohmann/json.hpp>' '#include "policies/policy.hpp"' \
    >"$tree/controller/core/decide.cpp"
  echo '#include "controller/core/decide.hpp"' >"$tree/controller/kubernetes/list.cpp"
  printf '%s\n' '#include <thread>' '#include <cpprest/http_client.h>' '#include "controller/kubernetes/list.hpp"' \
    >"$tree/controller/runtime/http_transport_cpprest.cpp"
}

# plant FILE LINE: one violation in line 2 of an otherwise clean tree; it must be named.
plant() {
  clean_tree
  printf '// A file.\n%s\n' "$2" >"$tree/$1"
  expect "names $1:2 for: $2" 1 "*$1:2: *"
}

clean_tree
expect 'says nothing of a clean tree' 0 ''

plant policies/slo.cpp '#include "controller/core/decide.hpp"'
plant policies/slo.cpp '#include <unistd.h>'
plant policies/slo.cpp '#include <mutex>'
plant policies/slo.cpp 'auto now = std::chrono::system_clock::now();'
plant controller/core/a.cpp '#include "controller/kubernetes/list.hpp"'
plant controller/core/a.cpp '#include "controller/prometheus/query.hpp"'
plant controller/core/a.cpp '#include "controller/runtime/log.hpp"'
plant controller/core/a.cpp '#include <boost/optional.hpp>'
plant controller/core/a.cpp '#include <iostream>'
plant controller/core/a.cpp '  return Clock::now() - start;'
plant controller/core/a.hpp '#  include <thread>'
plant controller/kubernetes/a.cpp '#include "controller/prometheus/query.hpp"'
plant controller/kubernetes/a.cpp '#include <yaml-cpp/yaml.h>'
plant controller/prometheus/a.cpp '#include "controller/kubernetes/list.hpp"'
plant controller/prometheus/a.cpp '#include "controller/runtime/log.hpp"'
plant controller/runtime/round.cpp '#include "controller/main.hpp"'
plant controller/runtime/round.cpp '#include <cpprest/http_client.h>'
plant controller/runtime/http_transport.hpp '#include <cpprest/http_client.h>'
plant controller/runtime/round.cpp '#include <openssl/ssl.h>'
plant controller/runtime/round.cpp '#include "controller/runtime/http_transport_tls.hpp"'
plant controller/runtime/round.cpp '#include <boost/program_options.hpp>'
plant controller/runtime/round.cpp '#include <spdlog/spdlog.h>'
plant controller/runtime/round.cpp '#include <prometheus/counter.h>'
plant controller/runtime/round.cpp '#include <yaml-cpp/yaml.h>'
plant tests/a_test.cpp '#include <catch2/catch.hpp>'

clean_tree
yes '// A line.' | head -n 401 >"$tree/controller/core/long.cpp" || true
expect 'names a file of more than 400 lines' 1 '*controller/core/long.cpp:401: *'

echo "1..$number"
exit "$failed"

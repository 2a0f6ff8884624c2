#!/usr/bin/env bash
# Guards the direction of dependencies and the purity of the core, which the compiler cannot see:
#
#   main → runtime → {core, kubernetes, prometheus, simulate} → policies → std
#
# Prints each violation as FILE:LINE: WHY and exits 1 if there is any.
# Usage: check_layers.sh [ROOT]   (default: the repository this script lies in)
set -euo pipefail
shopt -s lastpipe  # report counts at the end of pipelines

cd "${1:-$(dirname "${BASH_SOURCE[0]}")/..}"

readonly max_lines=400
readonly pure=(policies controller/core controller/kubernetes controller/prometheus
  controller/simulate)
readonly own='policies/|controller/core/'
violations=0

# report WHY: reads "FILE:LINE:TEXT" lines, prints each with WHY.
report() {
  local file line text
  while IFS=: read -r file line text; do
    printf '%s:%s: %s: %s\n' "$file" "$line" "$1" "${text#"${text%%[![:space:]]*}"}"
    violations=$((violations + 1))
  done
}

# matches PATTERN DIRECTORY…: C++ lines that match, as FILE:LINE:TEXT, without `//` comments.
matches() {
  local pattern=$1
  shift
  local dirs=()
  for dir in "$@"; do [[ -e $dir ]] && dirs+=("$dir"); done
  ((${#dirs[@]})) || return 0
  grep -rn --include='*.[ch]pp' --include='*.h' '' "${dirs[@]}" | sed -E 's,([[:space:]]|^|;)//.*,\1,' |
    grep -E "^[^:]+:[0-9]+:.*($pattern)" || true
}

# includes DIRECTORY…: its #include lines.
includes() { matches '#[[:space:]]*include' "$@"; }

# only_std_and DIRECTORY PREFIXES: DIRECTORY includes std, nlohmann and repository files under PREFIXES.
only_std_and() {
  includes "$1" | { grep -vE "include (<[a-z0-9_]+>|<std(int|def)\.h>|<nlohmann/|\"($2))" || true; } |
    report "$1/ may include only std, nlohmann and ${2//|/, }"
}

# only_in PATTERN NAME FILE…: what is kept to a few files, given as extended regular expressions.
only_in() {
  local pattern=$1 name=$2 allowed
  shift 2
  allowed=$(printf '|%s' "$@")
  includes controller policies tests |
    { grep -E "include [<\"]($pattern)" || true; } | { grep -vE "^(${allowed#|}):" || true; } |
    report "$name belongs only in $*"
}

only_std_and policies 'policies/'
only_std_and controller/core "$own"
only_std_and controller/kubernetes "$own|controller/kubernetes/"
only_std_and controller/prometheus "$own|controller/prometheus/"
only_std_and controller/simulate "$own|controller/(prometheus|simulate)/"

includes controller/runtime |
  { grep -E 'include "(controller/main|tests/)' || true; } |
  report 'controller/runtime/ must not include what is built on it'

includes "${pure[@]}" |
  { grep -E '<(thread|stop_token|mutex|shared_mutex|condition_variable|semaphore|future|[io]?f?stream|iostream|filesystem)>' || true; } |
  report 'pure parts start no threads, take no locks and do no IO'

matches '::now *\(' "${pure[@]}" | report 'pure parts read no clock; time is an argument'

readonly transport='controller/runtime/http_transport_[a-z]+\.[ch]pp'
only_in 'cpprest/|pplx/|boost/asio|openssl/' 'cpprestsdk and what comes with it' \
  "$transport" controller/runtime/ops_server.cpp 'tests/.*'
only_in 'controller/runtime/http_transport_[a-z]+\.hpp' 'the inside of the transport' \
  "$transport" 'tests/controller/runtime/http_transport.*'
only_in 'boost/program_options' Boost.Program_options controller/runtime/options.cpp
only_in 'spdlog/' spdlog controller/runtime/log.cpp
only_in 'prometheus/' prometheus-cpp controller/runtime/metrics.cpp
only_in 'yaml-cpp/' yaml-cpp controller/runtime/yaml.cpp
only_in 'catch2/' Catch2 tests/support/catch.hpp

while read -r lines file; do
  ((lines <= max_lines)) || report "$lines lines, at most $max_lines" <<<"$file:$lines:"
done < <(find controller policies tests -name node_modules -prune -o -type f \
  \( -name '*.[ch]pp' -o -name '*.h' -o -name '*.go' -o -name '*.js' -o -name '*.sh' \) -print0 |
  xargs -0r wc -l | grep -v ' total$')

if ((violations)); then
  echo "$violations violation(s) of the layering; see the head of tests/check_layers.sh" >&2
  exit 1
fi

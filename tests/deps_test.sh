#!/usr/bin/env bash
# Tests of tests/deps, with stand-ins for dpkg-query and apt-get. Prints TAP.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
stubs=$(mktemp -d)
trap 'rm -rf "$stubs"' EXIT
number=0
failed=0

# The machine: a list of absent packages; every other one is installed.
cat >"$stubs/dpkg-query" <<EOF
#!/bin/sh
for package; do :; done
grep -qx "\$package" "$stubs/absent" || echo installed
EOF
cat >"$stubs/apt-get" <<EOF
#!/bin/sh
echo "\$*" >>"$stubs/apt-get.calls"
EOF
chmod 755 "$stubs" "$stubs/dpkg-query" "$stubs/apt-get"

# expect NAME STATUS TEXT APT ARGUMENT…: deps ends so, prints TEXT, and last asked apt-get for APT.
expect() {
  local name=$1 status=$2 text=$3 apt=$4 got=0 output calls verdict=ok
  shift 4
  : >"$stubs/apt-get.calls"
  output=$(PATH="$stubs:$PATH" "$here/deps" "$@" 2>&1) || got=$?
  calls=$(tail -n 1 "$stubs/apt-get.calls")
  [[ $got == "$status" && $output == *"$text"* && $calls == *"$apt" && (-n $apt || -z $calls) ]] ||
    verdict='not ok'
  number=$((number + 1))
  echo "$verdict $number - $name"
  if [[ $verdict != ok ]]; then
    failed=1
    printf 'status %s, apt-get %s, output:\n%s\n' "$got" "$calls" "$output" | sed 's/^/# /'
  fi
}

echo none >"$stubs/absent"
expect 'says in one line that nothing is to be done' 0 'everything is installed (build)' '' build
expect 'refuses an unknown group and names the known ones' 1 \
  "unknown group 'bild': one of build, test, lint, image, npm" '' bild
printf '%s\n' jq libcpprest-dev buildah >"$stubs/absent"
if ((EUID == 0)); then
  expect 'installs what is missing of the groups, and nothing else' 0 'installing libcpprest-dev jq' \
    'install -y --no-install-recommends libcpprest-dev jq' build test
else
  expect 'tells a user who is not root what to install' 1 \
    'As root: apt-get install --no-install-recommends libcpprest-dev jq' '' build test
fi
echo "1..$number"
exit "$failed"

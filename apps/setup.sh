#!/bin/sh
# Installs what is missing, configures and builds. Needs Debian 12 (or what has its packages) and root or sudo only when
# a package is missing.
#   sh apps/setup.sh          the program, build/release/gnn
#   sh apps/setup.sh test     also the tests, and runs them
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
  "") tests=OFF; list=$(grep -v '# test\|# check' apps/packaging/debian-packages.txt) ;;
  test) tests=ON; list=$(grep -v '# check' apps/packaging/debian-packages.txt) ;;
  *) echo "setup.sh: expected nothing or 'test', found '$1'" >&2; exit 2 ;;
esac
missing=
for package in $(echo "$list" | sed 's/#.*//'); do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
  echo "installing:$missing"
  root=
  [ "$(id -u)" = 0 ] || root=sudo
  $root apt-get update -q
  DEBIAN_FRONTEND=noninteractive $root apt-get install -q -y --no-install-recommends $missing
fi

cmake --preset release -DGNN_TESTS=$tests
cmake --build --preset release
if [ $tests = ON ]; then ctest --preset release -j "$(nproc)"; fi

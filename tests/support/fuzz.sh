#!/bin/sh
# Builds the fuzz targets and runs each of them, as many at once as there are processors.
#   sh tests/support/fuzz.sh [RUNS] [NAME...]      200000 runs of all targets; for long runs give more
# Needs clang and a release build with tests. Findings stand in build/fuzz/found, one file each.
set -eu
cd "$(dirname "$0")/../.."
runs=${1:-200000}
[ $# -gt 0 ] && shift
# The longest ones first, so that no processor is left with one at the end.
targets=${*:-gnn_file safetensors npz matrix_market npy edges features geom graphml hgb json labels linqs metis pickle ppi_json split svmlight}

cmake --preset asan >build/fuzz.log
cmake --build --preset asan --target $(for t in $targets; do echo fuzz_$t; done) >>build/fuzz.log
cmake --build --preset release --target make_seeds >>build/fuzz.log
rm -rf build/fuzz/corpus
mkdir -p build/fuzz/corpus build/fuzz/found
find build/release -name make_seeds -type f -exec {} build/fuzz/corpus \;
cp -r tests/datasets/corpus build/fuzz/corpus/pickle

cat >build/fuzz/one.sh <<'END'
mkdir -p "build/fuzz/corpus/$1"
if "$(find build/asan/lib -name "fuzz_$1" -type f)" "build/fuzz/corpus/$1" -runs="$2" -seed=1 -max_len=4096 -timeout=1 -rss_limit_mb=512 \
  -artifact_prefix="build/fuzz/found/$1-" >"build/fuzz/$1.log" 2>&1; then
  echo "fuzz $1: $2 runs, no finding"
else
  echo "fuzz $1: found something"
  tail -30 "build/fuzz/$1.log"
  exit 1
fi
END
echo $targets | tr ' ' '\n' | xargs -P "$(nproc)" -I{} sh build/fuzz/one.sh {} "$runs"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tests and measures on the GPU of this machine and writes one JSON file: what the tests say, what the device sanitizer says
# about small shapes, whether 20 trainings of each model give the same bits, and the benchmark of each model on Cora.
#   sh apps/bench/gpu.sh RESULT.json [FOLDER]
# FOLDER holds gnn and test_gnn; without it both are built here, with CUDA, in build/gpu.
set -eu
result=$1
case $result in /*) ;; *) result=$PWD/$result ;; esac
folder=${2:-}
if [ -z "$folder" ]; then
  cd "$(dirname "$0")/../.."
  cmake -S . -B build/gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DGNN_CUDA=ON -DGNN_TESTS=ON -DCMAKE_CUDA_ARCHITECTURES=native
  cmake --build build/gpu --target gnn test_gnn
  folder=build/gpu/together
  mkdir -p "$folder"
  cp build/gpu/gnn build/gpu/tests/test_gnn "$folder"
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gpu=$(nvidia-smi --query-gpu=name --format=csv,noheader | head -1)
driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -1)

# The one test that reads the sources fails where they are not.
"$folder/test_gnn" --test-case-exclude='*header of autograd*' > "$work/tests" 2>&1 && tests=pass || tests=fail
tail -3 "$work/tests"

sanitizer=
for tool in memcheck racecheck initcheck synccheck; do
  compute-sanitizer --tool $tool --error-exitcode 9 "$folder/test_gnn" \
    --test-case='*equals its composition*,*every op gives on every device*,*every kind of layer gives the bits*' > "$work/$tool" 2>&1 &&
    found=clean || found=reports
  tail -1 "$work/$tool"
  sanitizer="$sanitizer${sanitizer:+,}\"$tool\":\"$found\""
done

same=
bench=
for model in gat gatv2 supergat gcn dagnn aero; do
  for run in $(seq 20); do
    "$folder/gnn" bench --model $model --data cora --device cuda --epochs 40 --repeats 1 --signature --log json | grep -o '"signature":"[0-9a-f]*"'
  done | sort -u | wc -l > "$work/signatures"
  same="$same${same:+,}\"$model\":$(tr -d ' ' < "$work/signatures")"
  bench="$bench${bench:+,}$("$folder/gnn" bench --model $model --data cora --device cuda --epochs 300 --repeats 3 --log json | tail -1)"
done

printf '{"gpu":"%s","driver":"%s","tests":"%s","sanitizer":{%s},"different_results_of_20_runs":{%s},"bench":[%s]}\n' \
  "$gpu" "$driver" "$tests" "$sanitizer" "$same" "$bench" > "$result"
cat "$result"

#!/bin/sh
# Builds with CUDA for the GPU of this machine, runs the whole suite on CPU and GPU, the device sanitizer over the tests of
# kernels and ops, and the benchmark. Prints everything; exits with the first failure.
#   sh apps/bench/gpu.sh [CMAKE_ARGUMENT...]      e.g. -DCMAKE_PREFIX_PATH=/opt/deps/usr
set -eu
cd "$(dirname "$0")/../.."

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader
cmake -S . -B build/gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DGNN_CUDA=ON -DCMAKE_CUDA_ARCHITECTURES=native "$@"
cmake --build build/gpu -- -k 0
ctest --test-dir build/gpu --output-on-failure
for tool in memcheck racecheck; do
  compute-sanitizer --tool $tool --error-exitcode 9 build/gpu/tests/test_gnn --test-case='*equals its composition*,*field*' | tail -5
done
build/gpu/gnn doctor
for device in cpu cuda; do
  build/gpu/gnn train --data cora --device $device --runs 3 --progress never --out "build/gpu/run-$device" --force
  build/gpu/gnn bench --device $device
done

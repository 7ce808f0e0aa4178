#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tests and measures on the GPU of this machine and writes one JSON file: what the tests say, what the device sanitizer says
# about small shapes, whether 20 trainings of each model give the same bits, how a training ends when the device fails, and the
# benchmarks of each model on Cora and, where Python has NumPy, on an R-MAT graph; PPI where FOLDER holds ppi.gnn. Where Python has
# PyTorch Geometric, its steps on the same graphs; and what the device can do at best.
#   sh apps/bench/gpu.sh RESULT.json [FOLDER]
# FOLDER holds gnn, test_gnn and, if it is to run, bench_atomics; without it all are built here, with CUDA, in build/gpu. About four minutes on one H200.
set -eu
result=$1
case $result in /*) ;; *) result=$PWD/$result ;; esac
here=$(cd "$(dirname "$0")" && pwd)
folder=${2:-}
if [ -z "$folder" ]; then
  cd "$here/../.."
  cmake -S . -B build/gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DGNN_CUDA=ON -DGNN_TESTS=ON -DCMAKE_CUDA_ARCHITECTURES=native
  cmake --build build/gpu --target gnn test_gnn bench_atomics
  folder=build/gpu/together
  mkdir -p "$folder"
  cp build/gpu/gnn build/gpu/tests/test_gnn build/gpu/lib/apps/bench_atomics "$folder"
fi
folder=$(cd "$folder" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
gpu=$(nvidia-smi --query-gpu=name --format=csv,noheader | head -1)
driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -1)

# Tests in eight processes, and beside them the sanitizers. The one test that reads the sources fails where they are not.
count=$("$folder/test_gnn" -ltc | wc -l)
for k in 0 1 2 3 4 5 6 7; do
  ("$folder/test_gnn" --test-case-exclude='*header of autograd*' --first=$((k * count / 8 + 1)) --last=$(((k + 1) * count / 8)) \
    > "tests.$k" 2>&1 && touch "passed.$k" || true) &
done
for tool in memcheck racecheck initcheck synccheck; do
  (compute-sanitizer --tool $tool --error-exitcode 9 "$folder/test_gnn" \
    --test-case='*every op gives on every device*,*equals its composition on a rect*,*knows its loss gives the same bits*' > "$tool" 2>&1 && touch "$tool.clean" || true) &
done
wait
tests=pass
for k in 0 1 2 3 4 5 6 7; do
  tail -3 "tests.$k" | head -1
  [ -e "passed.$k" ] || tests=fail
done
sanitizer=
for tool in memcheck racecheck initcheck synccheck; do
  tail -1 "$tool"
  [ -e "$tool.clean" ] && found=clean || found=reports
  sanitizer="$sanitizer${sanitizer:+,}\"$tool\":\"$found\""
done

models="gat gatv2 supergat gcn dagnn aero"
run() { "$folder/gnn" bench --device cuda --log json "$@" | tail -1; }
same=
for model in $models; do
  for k in $(seq 20); do
    (run --model "$model" --data cora --epochs 20 --repeats 1 --signature | grep -o '"signature":"[0-9a-f]*"' > "$model.$k" || true) &
    [ $((k % 10)) -ne 0 ] || wait
  done
  same="$same${same:+,}\"$model\":$(cat "$model".* | sort -u | wc -l | tr -d ' ')"
done

# CUDA loads what CUDA_INJECTION64_PATH names into any program; here it is a kernel that traps a while later, as a bad access would.
cat > fault.cu << 'END'
#include <cuda_runtime.h>
#include <chrono>
#include <cstdlib>
#include <thread>
__global__ void trap() { asm("trap;"); }
extern "C" int InitializeInjection() {
  std::thread([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(std::getenv("FAULT_MS"))));
    cudaSetDevice(0);
    trap<<<1, 1>>>();
    cudaDeviceSynchronize();
  }).detach();
  return 1;
}
END
fault=null
if command -v nvcc > /dev/null && nvcc -arch=native -shared -Xcompiler -fPIC fault.cu -o fault.so; then
  code=0
  FAULT_MS=2500 CUDA_INJECTION64_PATH="$PWD/fault.so" "$folder/gnn" train --data cora --model gat --device cuda --epochs 1000000 \
    --stop none --save-every 200 --out broken --progress never > /dev/null 2> fault.err || code=$?
  tail -1 fault.err
  "$folder/gnn" eval --model broken/last.safetensors --data cora --device cpu > /dev/null && left=whole || left=broken
  fault="{\"exit\":$code,\"checkpoint\":\"$left\"}"
fi

bench=
measure() {
  line=$(run "$@") && bench="$bench${bench:+,}$line"
  echo "$line"
}
for model in $models; do measure --model "$model" --data cora --epochs 300 --repeats 1; done
if python3 -c 'import numpy' 2> /dev/null; then
  python3 "$here/rmat.py" .
  for model in gat gatv2 supergat; do
    measure --edges edges.npy --features features.npy --labels labels.npy --directed --duplicates keep --isolated add \
      --num-nodes 131072 --split ratio:0.9/0.05 --hidden 64 --heads 4 --dropout 0 --attn-dropout 0 --model $model --epochs 20 --repeats 1
  done
fi
if [ -e "$folder/ppi.gnn" ]; then
  for precision in fp32 tf32; do
    measure --data "$folder/ppi.gnn" --model gat --preset gat/ppi-skip --batch 20 --epochs 8 --repeats 1 --precision $precision
  done
fi

# Where the layers of others stand on the same graphs, and what the device gives at best.
peers=
if python3 -c 'import torch_geometric' 2> /dev/null; then
  graph=
  [ ! -e edges.npy ] || graph=.
  python3 "$here/peers.py" cuda $graph | tee peers || true
  peers=$(paste -s -d , peers)
fi
ceilings=
for precision in fp32 tf32; do
  line=$("$folder/gnn" bench --ceilings --device cuda --precision $precision --log json | tail -1) && ceilings="$ceilings${ceilings:+,}$line"
  echo "$line"
done

# What sums in a fixed order cost, beside atomics: the ratio of each line.
atomics=
if [ -e "$folder/bench_atomics" ]; then
  "$folder/bench_atomics" | tee atomics
  atomics=$(sed 1d atomics | awk '{ name = substr($0, 1, 62); sub(/ +$/, "", name); printf "%s\"%s\":%s", (NR > 1 ? "," : ""), name, $(NF - 2) }')
fi

printf '{"gpu":"%s","driver":"%s","tests":"%s","sanitizer":{%s},"different_results_of_20_runs":{%s},"device_fault":%s,"ours_over_atomics":{%s},"ceilings":[%s],"peers":[%s],"bench":[%s]}\n' \
  "$gpu" "$driver" "$tests" "$sanitizer" "$same" "$fault" "$atomics" "$ceilings" "$peers" "$bench" > "$result"

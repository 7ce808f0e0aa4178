#!/bin/sh
# Runs the library's tests with CUDA's kernels on a machine without a GPU: compiles them for the CPU and links them with the
# objects of a release build with CUDA and tests. Takes minutes; finds wrong numbers and waits, not races. Needs libboost-context-dev.
#   sh tests/support/cuda_on_cpu/run.sh [ARGUMENT OF test_gnn...]
# Recorded epochs take long: start with -tce='captured epochs*,aero_hops: equals plain*'.
set -eu
cd "$(dirname "$0")/../../.."
root=$PWD
here=$root/tests/support/cuda_on_cpu
build=$root/build/release
out=$root/build/cuda_on_cpu
mkdir -p "$out"
printf '#define GNN_CUDA_LIBRARIES ""\n' >"$out/where.h"
flags="-std=c++20 -O1 -g1 -w -DGNN_HAS_CUDA -include $out/where.h -I$here -I$root -I/usr/include/eigen3"

make -s -j"$(nproc)" -f - <<END
kernels := \$(filter-out split_product,\$(basename \$(notdir \$(wildcard $root/gnn/kernels/cuda/*.cu))))
headers := \$(wildcard $root/gnn/*/*.hpp $root/gnn/kernels/cuda/*.hpp $root/gnn/kernels/cuda/*.cuh $here/*.h)
all: \$(kernels:%=$out/%.o) $out/fibers.o $out/runtime.o $out/no_tensor_cores.o $out/libcublas.so.13
$out/%.o: $root/gnn/kernels/cuda/%.cu \$(headers)
	g++ $flags -x c++ -c \$< -o \$@
$out/%.o: $here/%.cpp \$(headers)
	g++ $flags -O2 -c \$< -o \$@
$out/libcublas.so.13: $here/cublas.cpp \$(headers)
	g++ $flags -O2 -fPIC -shared \$< -o \$@
END

cd "$build"
# shellcheck disable=SC2046
g++ -rdynamic -o "$out/test_gnn" $(find tests/CMakeFiles/test_gnn.dir tests/CMakeFiles/test_main.dir lib/gnn/CMakeFiles/gnn.dir -name '*.cpp.o') \
  "$out"/*.o lib/datasets/libgnn_datasets.a lib/graphs/libgnn_graphs.a -ltbb -lz -lboost_graph -lboost_context -ldl -lpthread
LD_LIBRARY_PATH=$out exec "$out/test_gnn" "$@"

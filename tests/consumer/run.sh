#!/bin/sh
# run.sh BUILD PROGRAM WORK [OPTION...]: installs the build tree BUILD below WORK, builds the project beside this script against it
# (with OPTIONs of CMake) and compares what it makes of Cora, bit by bit, with what the program `gnn` of a build makes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$1 program=$2 work=$3
shift 3
rm -rf "$work"
mkdir -p "$work"
cmake --install "$build" --prefix "$work/prefix" >"$work/install.log"
# Whatever an installed header includes of ours is installed, too.
missing=$(cd "$work/prefix/include/gnn" && grep -rhoE '^#include <(graphs|datasets|gnn)/[^>]*' . | sed 's/.*<//' | sort -u |
  while read -r header; do [ -f "$header" ] || echo "$header"; done)
[ -z "$missing" ] || { echo "include/gnn lacks headers that others include: list them in CMakeLists.txt:" $missing; exit 1; }

mkdir "$work/blocks"
for page in graphs datasets gnn; do
  [ -f "$here/../../$page/README.md" ] || continue
  awk -v stem="$work/blocks/$page" '/^```cpp$/ { n++; file = stem "_" n ".cpp"; on = 1; next } /^```$/ { on = 0 } on { print > file }' \
    "$here/../../$page/README.md"
done
grep -L 'int main' "$work"/blocks/*.cpp | xargs -r rm  # parts of programs
cmake -S "$here" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -Dgnn_ROOT="$work/prefix" "$@" >"$work/configure.log"
cmake --build "$work/build" >"$work/build.log" || { cat "$work/build.log"; exit 1; }

cd "$work"
for block in blocks/*.cpp; do
  name=$(basename "$block" .cpp)
  "./build/$name" >"$name.txt" 2>&1 || { echo "$name: the program in the guide page fails:"; cat "$name.txt"; exit 1; }
done
found=$(./build/structure)
[ "$found" = "target of edge 1: expected a node below 3, found 7" ] || { echo "structure: found '$found'"; exit 1; }
./build/train_cora library.safetensors >library.csv
GNN_DATA_DIR= "$program" train --data cora --epochs 20 --threads 2 --out run --quiet --progress never >train.txt
"$program" predict --model run --data cora --out program.csv --quiet
cmp library.csv program.csv
cmp library.safetensors run/best.safetensors

# The same program with the shared libraries that the build made beside the static ones.
if [ -f "$build/shared/libgnn.so" ]; then
  ${CXX:-c++} -std=c++20 -O2 -Iprefix/include/gnn "$here/train_cora.cpp" -o shared -L"$build/shared" -lgnn -lgnn_datasets -lgnn_graphs \
    -Wl,-rpath,"$build/shared" -Wl,--no-undefined
  ./shared shared.safetensors >/dev/null
  cmp library.safetensors shared.safetensors
fi

if [ -f prefix/lib/pkgconfig/gnn.pc ] && command -v pkg-config >/dev/null; then
  export PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig"
  static=--static
  [ -f prefix/lib/libgnn.so ] && static=
  ${CXX:-c++} -std=c++20 "$here/structure.cpp" $(pkg-config $static --cflags --libs gnn) -o structure
  found=$(LD_LIBRARY_PATH=$work/prefix/lib ./structure)
  [ "$found" = "target of edge 1: expected a node below 3, found 7" ] || { echo "pkg-config: found '$found'"; exit 1; }
fi
echo "consumer: same bits as the program"

#!/bin/sh
# symbols.sh FOLDER: what the shared libraries in FOLDER show, one symbol a line. The list in symbols.txt changes on purpose only:
#   sh apps/packaging/symbols.sh build/shared/lib | diff apps/packaging/symbols.txt -
# Weak symbols, which every user's program may have too, are left out.
set -eu
for name in graphs datasets gnn; do
  library=$(find "$1" -name "libgnn_$name.so" -o -name "lib$name.so" | head -1)
  nm -DC --defined-only "$library" | sed -n "s/^[0-9a-f]* [TDBR] /$name /p" | LC_ALL=C sort -u
done

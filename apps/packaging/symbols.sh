#!/bin/sh
# symbols.sh FOLDER [LIST]: what the shared libraries in FOLDER show, one symbol a line; with LIST, how that differs from it.
# Weak symbols, which every user's program may have too, are left out. The list changes on purpose only:
#   sh apps/packaging/symbols.sh build/release/shared >apps/packaging/symbols.txt
set -eu
list() {
  for name in graphs datasets gnn; do
    library=$(find "$1" \( -name "libgnn_$name.so" -o -name "lib$name.so" \) | head -1)
    nm -DC --defined-only "$library" | sed -n "s/^[0-9a-f]* [TDBR] /$name /p" | LC_ALL=C sort -u
  done
}
[ $# = 2 ] || { list "$1"; exit 0; }
list "$1" | diff "$2" - || { echo "symbols: the shared libraries show others (>) than the list says (<); see the head of symbols.sh"; exit 1; }

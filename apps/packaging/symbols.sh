#!/bin/sh
# symbols.sh FOLDER [LIST]: what the shared libraries in FOLDER show, one symbol a line; with LIST, which of its symbols are gone, for a
# program that was linked with them no longer starts. New ones break nobody. Weak symbols, which every user's program may have too,
# are left out. The list changes on purpose only:
#   sh apps/packaging/symbols.sh build/release/shared >apps/packaging/symbols.txt
set -eu
list() {
  for name in datasets gnn graphs; do
    library=$(find "$1" \( -name "libgnn_$name.so" -o -name "lib$name.so" \) | head -1)
    nm -DC --defined-only "$library" | sed -n "s/^[0-9a-f]* [TDBR] /$name /p" | LC_ALL=C sort -u
  done
}
[ $# = 2 ] || { list "$1"; exit 0; }
gone=$(list "$1" | LC_ALL=C comm -13 - "$2")
[ -z "$gone" ] || { echo "symbols: the shared libraries lack what the list has; see the head of symbols.sh"; echo "$gone"; exit 1; }

#!/bin/sh
# run_blocks.sh PROGRAM PAGE: runs the sh blocks of a guide page, one after the other, in an empty folder with the program in PATH. Blocks
# that build the project, or use the network, are left out.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
awk '/^```sh$/ { on = 1; block = ""; next }
     /^```$/ { if (on && block !~ /setup\.sh|cmake|get_pubmed|data fetch/) print block; on = 0 }
     on { block = block $0 "\n" }' "$2" >"$folder/blocks"
[ -s "$folder/blocks" ] || { echo "$2: expected blocks to run, found none"; exit 1; }
mkdir "$folder/work"
cd "$folder/work"
unset GNN_DATA_DIR GNN_CACHE_DIR
PATH=$(dirname "$1"):$PATH XDG_CACHE_HOME=$folder/cache sh -eu "$folder/blocks" >"$folder/out" 2>&1 || { tail -20 "$folder/out"; exit 1; }

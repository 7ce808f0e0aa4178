#!/bin/sh
# run_example.sh PROGRAM SOURCE: the program must print what the comment at the head of its source says.
set -eu
expected=$(sed -n '/^\/\/ Prints:/,/^#include/s/^\/\/   //p' "$2")
found=$("$1")
[ "$found" = "$expected" ] && exit 0
printf 'expected:\n%s\nfound:\n%s\n' "$expected" "$found"
exit 1

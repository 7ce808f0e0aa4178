#!/bin/sh
# man.sh PROGRAM FOLDER: a manual page for the program and one for each command, made of what --help prints.
set -eu
program=$1 folder=$2
mkdir -p "$folder"
version=$("$program" --version)
# Builds of one source agree where SOURCE_DATE_EPOCH says when it was made.
date=$(date -u ${SOURCE_DATE_EPOCH:+-d "@$SOURCE_DATE_EPOCH"} +%Y-%m-%d)

# page TITLE NAME SUMMARY: help on standard input -> page on standard output.
page() {
  awk -v title="$1" -v name="$2" -v summary="$3" -v version="$version" -v date="$date" '
    function roff(text) { gsub(/\\/, "\\e", text); gsub(/-/, "\\-", text); sub(/^\./, "\\\\\\&.", text); sub(/^\x27/, "\\\\\\&\x27", text); return text }
    BEGIN {
      printf ".TH %s 1 %s \"%s\"\n.SH NAME\n%s \\- %s\n", toupper(title), date, version, roff(name), roff(summary)
    }
    /^usage: / { printf ".SH SYNOPSIS\n.B %s\n", roff(substr($0, 8)); next }
    $0 == summary { next }
    /^  (-|[a-z])/ {
      line = substr($0, 3)
      at = match(line, /  +/)
      if (at) { flag = substr(line, 1, at - 1); rest = substr(line, at + RLENGTH) } else { flag = line; rest = "" }
      printf ".TP\n.B %s\n", roff(flag); if (rest != "") print roff(rest); next
    }
    /^   +/ { sub(/^ +/, ""); print roff($0); next }
    /^[A-Z][A-Za-z ]*$/ { printf ".SH %s\n", toupper($0); next }
    /^$/ { blank = 1; next }
    { if (blank) print ".PP"; blank = 0; print roff($0) }'
}

"$program" --help | page gnn gnn "attention graph neural networks: train, test and use them" >"$folder/gnn.1"
"$program" --help | sed -n '/^Commands$/,/^$/s/^  \(.\{14\}\)\(.*\)/\1|\2/p' | while IFS='|' read -r command summary; do
  command=$(echo "$command" | sed 's/ *$//')
  file=gnn-$(echo "$command" | tr ' ' '-')
  # shellcheck disable=SC2086  # "data info" is two words
  "$program" $command --help | page "$file" "$file" "$summary" >"$folder/$file.1"
done

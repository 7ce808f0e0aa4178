#!/bin/sh
# completion.sh PROGRAM: asks zsh and fish, as far as they are installed, what the program's completion offers, and checks the
# manual pages with groff and mandoc. Exit code 77: none of them is there.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir bin
ln -s "$program" bin/gnn
PATH=$work/bin:$PATH
export HOME="$work"  # nobody's settings
gnn completion zsh >_gnn
gnn completion fish >gnn.fish
touch my.npz

# What is asked, and what is offered: of long lists the words that must be there.
cat >questions <<'END'
gnn tr:train
gnn data i:import info
gnn models :list show
gnn train --mod:--model
gnn train --model ga:gat gatv2
gnn train --header :auto no yes
gnn --device c:cpu cuda
gnn --ver:--verbose --version
gnn predict --model my:my.npz
gnn train --data data --resid:--residual --residual-bias --residual-layers
gnn eval my:my.npz
END
check() {
  sort answers | diff questions.sorted - || { echo "completion: $1 offers the lines on the right"; exit 1; }
}
sort questions >questions.sorted
none=77
if command -v zsh >/dev/null; then
  none=0
  cut -d: -f1 questions | timeout 60 zsh -f "$here/completion.zsh" "$PWD/_gnn" >found
  while IFS=: read -r question offered; do
    echo "$question:$(echo $offered | tr ' ' '\n' | LC_ALL=C sort -u | xargs)"
  done <found >answers
  check zsh
fi
if command -v fish >/dev/null; then
  none=0
  cut -d: -f1 questions | while IFS= read -r question; do
    offered=$(fish --no-config -c "source gnn.fish; complete -C '$question'")
    echo "$question:$(echo "$offered" | cut -f1 | LC_ALL=C sort -u | xargs)"
  done >answers
  check fish
fi

sh "$here/../../apps/packaging/man.sh" "$program" pages
if command -v groff >/dev/null; then
  none=0
  for page in pages/*; do groff -man -Tutf8 -ww -z "$page" 2>>warnings; done
fi
if command -v mandoc >/dev/null; then
  none=0
  mandoc -T lint -W warning pages/* >>warnings 2>&1 || true
fi
[ ! -s warnings ] || { echo "manual pages:"; cat warnings; exit 1; }
exit $none

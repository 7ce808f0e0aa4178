#!/bin/sh
# deb.sh BUILD ROOT: makes the Debian packages of the build tree BUILD (preset shared), installs them into a bare Debian 12 below ROOT,
# and runs the program and the outside project of tests/consumer there. Needs root, debootstrap and a mirror of Debian.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd) root=$2
(cd "$build" && rm -f ./*.deb && cpack >cpack.log)
[ -d "$root/usr" ] || debootstrap --variant=minbase bookworm "$root" >debootstrap.log
mkdir -p "$root/packages" "$root/consumer"
rm -f "$root"/packages/*
cp "$build"/*.deb "$root/packages"
cp "$here"/consumer/*.cpp "$here"/consumer/CMakeLists.txt "$root/consumer"
inside() { chroot "$root" /usr/bin/env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -euc "$1"; }

inside 'apt-get update -q >/dev/null; apt-get install -qy --no-install-recommends /packages/libgnn0.1_*.deb /packages/gnn_*.deb >/dev/null'
inside 'cd /tmp; rm -rf run; gnn --version; gnn train --data cora --epochs 20 --threads 2 --out run --quiet'
inside 'apt-get install -qy --no-install-recommends g++ cmake make /packages/libgnn-dev_*.deb >/dev/null'
inside 'cmake -S /consumer -B /tmp/consumer >/dev/null; cmake --build /tmp/consumer >/dev/null
  /tmp/consumer/structure; /tmp/consumer/train_cora /tmp/library.safetensors >/dev/null
  cmp /tmp/library.safetensors /tmp/run/best.safetensors'
echo "deb: the program and a consumer run on a bare Debian 12, with the same bits"

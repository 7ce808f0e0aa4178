// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <zlib.h>

#include <datasets/formats/npz.hpp>

#include "error_text.hpp"
#include "npy_writer.hpp"
#include "zip_writer.hpp"

using namespace gnn::datasets;
using gnn::test::error_text;
using gnn::test::npy_bytes;
using gnn::test::npy_of;
using gnn::test::raw;
using gnn::test::zip_file;
using gnn::test::ZipFile;

namespace {

const std::string one = npy_of("<i4", "(2,)", raw<std::int32_t>({1, 2}));
const std::string zeros = npy_of("<i4", "(50000,)", std::string(200000, '\0'));

ZipFile file_of(const std::string& name, const std::string& content, bool deflated = false) {
  ZipFile file;
  file.name = name;
  file.content = content;
  file.deflated = deflated;
  return file;
}

std::string error_of(const std::string& zip, const std::string& name = "a") {
  return error_text([&] { Npz(npy_bytes(zip), "x.npz").array(name); });
}

void check_has(const std::string& error, const std::string& part) {
  CHECK_MESSAGE(error.find(part) != std::string::npos, error, " lacks ", part);
  CHECK_MESSAGE(error.find("3 x.npz: ") == 0, error);
}

}  // namespace

TEST_CASE("npz: stored and deflated arrays are found by name") {
  const std::string zip = zip_file({file_of("a.npy", one), file_of("folder/b.npy", zeros, true)});
  CHECK(zip.size() < 2000);
  Npz npz(npy_bytes(zip), "x.npz");
  CHECK(npz.names() == std::vector<std::string>{"a", "folder/b"});
  CHECK(npz.has("a"));
  CHECK(!npz.has("a.npy"));
  CHECK(to_integers(npz.array("a")) == std::vector<std::int64_t>{1, 2});
  CHECK(to_integers(npz.array("folder/b")) == std::vector<std::int64_t>(50000, 0));
  CHECK(npz.array("a").name == "x.npz: entry a");
  check_has(error_text([&] { npz.array("c"); }), "expected an entry 'c', found a, folder/b");
}

TEST_CASE("npz: what is written is read back, and equal input gives equal bytes") {
  const auto array = npy_bytes(one);
  const std::vector<std::pair<std::string, std::vector<std::byte>>> arrays = {
      {"p", {array.begin(), array.end()}}, {"q", make_npy("|u1", {}, std::as_bytes(std::span("\7", 1)))}};
  const auto zip = make_npz(arrays);
  CHECK(zip == make_npz(arrays));
  Npz npz(zip, "x.npz");
  CHECK(npz.names() == std::vector<std::string>{"p", "q"});
  CHECK(to_integers(npz.array("p")) == std::vector<std::int64_t>{1, 2});
  CHECK(to_integers(npz.array("q")) == std::vector<std::int64_t>{7});
  const auto empty = make_npz({});
  CHECK(Npz(empty, "x.npz").names().empty());
}

TEST_CASE("npz: what is no zip archive is refused") {
  check_has(error_of(""), "expected a zip archive, found an empty file");
  check_has(error_of(one), "byte 0: expected a zip archive, found '\\x93NUMPY': not a zip archive");
  const std::string zip = zip_file({file_of("a.npy", one)});
  for (std::size_t size = 0; size < zip.size(); ++size) {
    const std::string error = error_of(zip.substr(0, size));
    CHECK_MESSAGE(error.find("3 x.npz: ") == 0, error, " at ", size);
  }
  check_has(error_of(zip + "x"), "expected the end record of a zip archive, found none");
}

TEST_CASE("npz: names that lead out of the archive, twice or nowhere are refused") {
  for (const char* name : {"/PWNED.npy", "../PWNED.npy", "a/../../PWNED.npy", "a\\PWNED.npy", "C:PWNED.npy",
                           "PWNED\n.npy", ""}) {
    const std::string error = error_of(zip_file({file_of("a.npy", one), file_of(name, one)}));
    check_has(error, "expected a name inside the archive");
  }
  check_has(error_of(zip_file({file_of("a.npy", one), file_of("a.npy", one)})), "expected every name once");
  check_has(error_of(zip_file({file_of("a.npy", one), file_of("a", one)})), "expected every name once");
}

TEST_CASE("npz: headers that lie are refused") {
  ZipFile file = file_of("a.npy", one);
  file.method = 99;
  check_has(error_of(zip_file({file})), "expected the method stored (0) or deflated (8), found method 99");
  file = file_of("a.npy", one);
  file.flags = 1;
  check_has(error_of(zip_file({file})), "expected an entry that is not encrypted");
  file = file_of("a.npy", one);
  file.crc_change = 1;
  check_has(error_of(zip_file({file})), "expected the check sum");
  file = file_of("a.npy", zeros, true);
  file.crc_change = 1;
  check_has(error_of(zip_file({file})), "expected the check sum");
  file = file_of("a.npy", one);
  file.size_change = 1;
  check_has(error_of(zip_file({file})), "expected a size that");
  file = file_of("a.npy", zeros, true);
  file.size_change = 1;
  check_has(error_of(zip_file({file})), "of data for shape 50000");
  file.size_change = 1 << 30;
  check_has(error_of(zip_file({file})), "expected a size that");
  file = file_of("a.npy", one);
  file.local_name = "b.npy";
  check_has(error_of(zip_file({file})), "expected the name and method of the directory, found others");
  check_has(error_of(zip_file({file_of("a.npy", one)}, 9)),
            "expected 1 entries, as in the directory, found the count 9");
  check_has(error_of(zip_file({file_of("a.npy", one)}, 0)),
            "expected 1 entries, as in the directory, found the count 0");
}

TEST_CASE("npz: entries that share bytes are refused") {
  ZipFile second = file_of("a.npy", one);
  second.offset_change = -40;
  std::string zip = zip_file({file_of("b.npy", one + std::string("PK\3\4", 4)), second});
  check_has(error_of(zip), "expected");
  // Two entries of the directory with one local header.
  ZipFile copy = file_of("a.npy", one);
  copy.only_directory_at = 0;
  ZipFile first = file_of("a.npy", one);
  check_has(error_of(zip_file({first, copy})), "x.npz: entry 'a.npy': expected");
}

TEST_CASE("npz: damaged and longer streams than the archive says are refused") {
  ZipFile file = file_of("a.npy", zeros, true);
  file.packed_change = -20;
  check_has(error_of(zip_file({file})), "x.npz: entry a: expected");
  // The npy header and the archive agree, but the stream holds more.
  file = file_of("a.npy", zeros + "more", true);
  file.size_change = -4;
  check_has(error_of(zip_file({file})), "expected 200071 unpacked bytes, found more");
  std::string zip = zip_file({file_of("a.npy", zeros, true)});
  zip[60] = static_cast<char>(zip[60] ^ 0x55);
  check_has(error_of(zip), "x.npz: entry a: ");
  // Unpacked sizes are added up over entries.
  zip = zip_file({file_of("a.npy", zeros, true), file_of("b.npy", zeros, true)});
  Npz npz(npy_bytes(zip), "x.npz", 300000);
  npz.array("a");
  npz.array("a");
  check_has(error_text([&] { npz.array("b"); }),
            "x.npz: entry b: expected at most 300000 bytes when unpacked");
}

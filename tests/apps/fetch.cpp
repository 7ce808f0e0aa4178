// SPDX-License-Identifier: Apache-2.0
#include <apps/fetch/fetch.hpp>

#include <doctest/doctest.h>
#include <zlib.h>

#include <fstream>
#include <iterator>

#include <apps/fetch/sha256.hpp>
#include <graphs/error.hpp>
#include <support/temporary_folder.hpp>

#include "http_server.hpp"

using namespace gnn::apps;
using gnn::apps::test::HttpServer;
using gnn::test::TemporaryFolder;
namespace fs = std::filesystem;

namespace {

const std::string content = [] {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "line " + std::to_string(i) + "\n";
  return text;
}();

std::string hash(const std::string& text) {
  return sha256_of(std::as_bytes(std::span(text)));
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// How fetch() ends: "present", "copied", "downloaded", or the kind and text of its error.
std::string fetched(const RemoteFile& file, const fs::path& folder, FetchOptions options = {}) {
  options.limits.stall_seconds = 1;
  try {
    const Fetched result = fetch(file, folder, options);
    return result == Fetched::present ? "present" : result == Fetched::copied ? "copied" : "downloaded";
  } catch (const gnn::Error& error) {
    return std::to_string(static_cast<int>(error.kind())) + " " + error.what();
  }
}

RemoteFile file_at(std::initializer_list<std::string> servers) {
  RemoteFile file{"sub/x.txt", hash(content), {}};
  for (const std::string& server : servers) file.addresses.push_back(server + "x.txt");
  return file;
}

/// Nothing but the file itself, with the right bytes.
void check_kept(const TemporaryFolder& folder) {
  const bool is_right = read(folder.path() / "sub/x.txt") == content;
  CHECK(is_right);
  CHECK_FALSE(fs::exists(folder.path() / "sub/x.txt.part"));
}

HttpServer::Answer good(const HttpServer::Request& request) {
  return HttpServer::file(content, request);
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

TEST_CASE("sha256: of the empty text and of three letters as in FIPS 180-4") {
  CHECK(hash("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hash("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("fetch: a file comes once, is verified and stays") {
  const TemporaryFolder folder;
  const HttpServer server(good);
  std::uint64_t last = 0;
  FetchOptions options;
  options.progress = [&](const std::string&, std::uint64_t done, std::uint64_t) { last = done; };
  CHECK(fetched(file_at({server.address()}), folder.path(), options) == "downloaded");
  CHECK(last == content.size());
  check_kept(folder);
  CHECK(fetched(file_at({server.address()}), folder.path()) == "present");
  CHECK(server.requests().size() == 1);
}

TEST_CASE("fetch: a wrong file is not kept, and the next mirror is asked") {
  const TemporaryFolder folder;
  const HttpServer wrong([](const auto& request) { return HttpServer::file("something else", request); });
  const HttpServer right(good);
  CHECK(fetched(file_at({wrong.address()}), folder.path()) ==
        "5 sub/x.txt: expected SHA-256 " + hash(content) + ", found " + hash("something else") +
            "; the file was not kept");
  CHECK(fs::is_empty(folder.path() / "sub"));
  CHECK(fetched(file_at({wrong.address(), right.address()}), folder.path()) == "downloaded");
  check_kept(folder);
}

TEST_CASE("fetch: a page that says 404 or 500 is no file") {
  for (const char* line : {"404 Not Found", "500 Internal Server Error"}) {
    const TemporaryFolder folder;
    const HttpServer broken([&](const auto&) { return HttpServer::status(line); });
    const HttpServer right(good);
    const std::string text = fetched(file_at({broken.address()}), folder.path());
    CHECK(text == "5 " + broken.address() + "x.txt: expected the file, found status " +
                      std::string(line).substr(0, 3));
    CHECK(fetched(file_at({broken.address(), right.address()}), folder.path()) == "downloaded");
    check_kept(folder);
  }
}

TEST_CASE("fetch: a transfer that is cut is continued where it ended") {
  const TemporaryFolder folder;
  const HttpServer server([](const auto& request) {
    HttpServer::Answer answer = good(request);
    if (request.from == 0) answer.bytes.resize(answer.bytes.size() - 9000);
    return answer;
  });
  CHECK(fetched(file_at({server.address()}), folder.path()) == "downloaded");
  check_kept(folder);
  REQUIRE(server.requests().size() > 1);
  CHECK(server.requests()[1].from == content.size() - 9000);
}

TEST_CASE("fetch: what came before a stall is kept, and a later call continues it") {
  const TemporaryFolder folder;
  bool stalls = true;
  const HttpServer server([&](const auto& request) {
    HttpServer::Answer answer = good(request);
    if (!stalls) return answer;
    answer.bytes.resize(request.from ? 0 : answer.bytes.size() / 2);
    answer.keep_silent = true;
    return answer;
  });
  const std::string text = fetched(file_at({server.address()}), folder.path());
  CHECK(text.starts_with("5 " + server.address() + "x.txt: expected the file, found an error after "));
  CHECK(contains(text, "Timeout"));
  const auto half = fs::file_size(folder.path() / "sub/x.txt.part");
  CHECK(half > 10000);
  stalls = false;
  CHECK(fetched(file_at({server.address()}), folder.path()) == "downloaded");
  CHECK(server.requests().back().from == half);
  check_kept(folder);
}

TEST_CASE("fetch: a partial file that is wrong, too long or not continued by the server is begun anew") {
  const bool ranges = true, no_ranges = false;
  for (const bool knows_ranges : {ranges, no_ranges}) {
    for (const std::string& before :
         {std::string("wrong start"), content, content + "more", content.substr(0, 100)}) {
      const TemporaryFolder folder;
      fs::create_directory(folder.path() / "sub");
      folder.write("sub/x.txt.part", before);
      const HttpServer server([&](HttpServer::Request request) {
        if (!knows_ranges) request.from = 0;
        return good(request);
      });
      CAPTURE(before.size());
      CHECK(fetched(file_at({server.address()}), folder.path()) == "downloaded");
      check_kept(folder);
    }
  }
}

TEST_CASE("fetch: redirects are followed, five at most, and only to http and https") {
  const TemporaryFolder folder;
  const HttpServer server([](const HttpServer::Request& request) {
    if (request.path == "/end") return good(request);
    if (request.path == "/file") return HttpServer::status("302 Found", "Location: file:///etc/hostname\r\n");
    const int left = std::stoi(request.path.substr(1));
    return HttpServer::status("302 Found",
                              "Location: /" + (left > 1 ? std::to_string(left - 1) : "end") + "\r\n");
  });
  const auto from = [&](const std::string& path) {
    return RemoteFile{"sub/x.txt", hash(content), {server.address() + path}};
  };
  CHECK(contains(fetched(from("6"), folder.path()), "5 "));
  CHECK(contains(fetched(from("file"), folder.path()), "protocol"));
  CHECK(contains(fetched({"sub/x.txt", hash(content), {"file:///etc/hostname"}}, folder.path()), "protocol"));
  CHECK(fs::is_empty(folder.path() / "sub"));
  CHECK(fetched(from("5"), folder.path()) == "downloaded");
  check_kept(folder);
}

TEST_CASE("fetch: a file larger than the limit is given up, also when its length is not told") {
  for (const bool tells : {true, false}) {
    const TemporaryFolder folder;
    const HttpServer server([&](const auto& request) {
      HttpServer::Answer answer = good(request);
      if (!tells) answer.bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + content;
      return answer;
    });
    FetchOptions options;
    options.limits.most_bytes = 1000;
    CHECK(
        contains(fetched(file_at({server.address()}), folder.path(), options), "found more than 1000 bytes"));
  }
}

TEST_CASE("fetch: gzip is kept as NAME.gz and verified by what it holds") {
  const TemporaryFolder folder, from;
  const fs::path packed = from.path() / "x.txt.gz";
  const gzFile file = gzopen(packed.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  const std::string bytes = read(packed);
  const HttpServer server([&](const auto& request) { return HttpServer::file(bytes, request); });
  CHECK(fetched(file_at({server.address()}), folder.path()) == "downloaded");
  CHECK(read(folder.path() / "sub/x.txt.gz") == bytes);
  CHECK(fetched(file_at({server.address()}), folder.path()) == "present");
  const HttpServer cut([&](const auto& request) { return HttpServer::file(bytes.substr(0, 500), request); });
  const TemporaryFolder other;
  CHECK(contains(fetched(file_at({cut.address()}), other.path()), "found damaged gzip"));
}

TEST_CASE("fetch: a folder serves as well as a server") {
  const TemporaryFolder folder, from;
  FetchOptions options;
  options.from = from.path();
  CHECK(fetched(file_at({}), folder.path() / "none", options).starts_with("4 "));
  CHECK_FALSE(std::filesystem::exists(folder.path() / "none"));
  from.write("x.txt", "something else");
  CHECK(contains(fetched(file_at({}), folder.path(), options), "5 sub/x.txt: expected SHA-256"));
  from.write("x.txt", content);
  CHECK(fetched(file_at({}), folder.path(), options) == "copied");
  check_kept(folder);
  const TemporaryFolder cache;
  options.from = from.path().parent_path();  // has a folder of the set's name
  CHECK(fetched(file_at({}), cache.path() / from.path().filename(), options) == "copied");
}

TEST_CASE("fetch: without network, address or known hash it says so") {
  const TemporaryFolder folder;
  FetchOptions options;
  options.offline = true;
  CHECK(fetched(file_at({}), folder.path(), options) ==
        "5 sub/x.txt is not in the cache and --offline is set");
  CHECK(contains(fetched(file_at({}), folder.path()), "expected an address to download from, found none"));
  const HttpServer server(good);
  RemoteFile unknown = file_at({server.address()});
  unknown.sha256.clear();
  CHECK(contains(fetched(unknown, folder.path()), "expected a file whose SHA-256 is known"));
  CHECK(server.requests().empty());
  FetchOptions trusting;
  trusting.allow_unverified = true;
  CHECK(fetched(unknown, folder.path(), trusting) == "downloaded");
  check_kept(folder);
}

TEST_CASE("check_cached: tells a good, a wrong, a missing and an unverified file apart") {
  const TemporaryFolder folder;
  RemoteFile file{"x.txt", hash(content), {}};
  CHECK(check_cached(file, folder.path()) == CacheState::missing);
  folder.write("x.txt", content);
  CHECK(check_cached(file, folder.path()) == CacheState::good);
  folder.write("x.txt", "changed");
  std::string found;
  CHECK(check_cached(file, folder.path(), &found) == CacheState::wrong);
  CHECK(found == hash("changed"));
  file.sha256.clear();
  CHECK(check_cached(file, folder.path()) == CacheState::unverified);
}

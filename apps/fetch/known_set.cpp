// SPDX-License-Identifier: Apache-2.0
#include <apps/fetch/known_set.hpp>

namespace gnn::apps {

std::vector<RemoteFile> remote_files(const datasets::Known& known, std::span<const std::string> mirrors) {
  std::vector<RemoteFile> result;
  const auto add = [&](const datasets::KnownFile& file) {
    RemoteFile& remote = result.emplace_back();
    remote.name = file.name;
    remote.sha256 = file.sha256;
    const auto add_address = [&](std::string address) {
      if (!address.ends_with('/')) address += '/';
      remote.addresses.push_back(address.append(file.remote.empty() ? file.name : file.remote));
    };
    for (const std::string& mirror : mirrors) add_address(mirror);
    for (const std::string_view mirror : known.mirrors) add_address(std::string(mirror));
  };
  for (const datasets::KnownFile& file : known.files) add(file);
  for (const datasets::KnownFile& file : known.extra_files) add(file);
  return result;
}

}  // namespace gnn::apps

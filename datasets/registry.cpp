// SPDX-License-Identifier: Apache-2.0
#include <datasets/registry.hpp>

#include <algorithm>
#include <vector>

#include <datasets/cora.hpp>
#include <datasets/in_quotes.hpp>
#include <datasets/planetoid.hpp>
#include <datasets/sets/detect.hpp>
#include <datasets/sets/dictionary_lookup.hpp>
#include <datasets/sets/files.hpp>
#include <datasets/sets/geom_gcn.hpp>
#include <datasets/sets/hgb.hpp>
#include <datasets/sets/linqs.hpp>
#include <datasets/sets/npz_sets.hpp>
#include <datasets/sets/ppi.hpp>
#include <datasets/sets/typed_csv.hpp>
#include <datasets/suggest.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets {
namespace {

namespace fs = std::filesystem;

bool is_one_file(Family family) { return family == Family::heterophilous || family == Family::shchur; }

/// Whether files of the family are called alike in every set.
bool has_common_names(Family family) {
  return family == Family::geom_gcn || family == Family::hgb || family == Family::typed_csv;
}

bool has_any_file(const Known& known, const fs::path& folder) {
  return std::ranges::any_of(known.files, [&](const KnownFile& file) { return has_file(folder, file.name); });
}

/// The folder of PPI in DGL form as published, in twelve files, where there is one.
std::optional<fs::path> dgl_folder(const fs::path& data_dir) {
  for (const fs::path& folder : {data_dir / "ppi-dgl", data_dir / "ppi" / "dgl", data_dir}) {
    if (has_dgl_ppi(folder)) return folder;
  }
  return std::nullopt;
}

/// Throws unless all files of the set are there.
void check_complete(const Known& known, const fs::path& folder) {
  std::string present, missing;
  std::size_t count = 0;
  for (const KnownFile& file : known.files) {
    const bool here = has_file(folder, file.name);
    std::string& list = here ? present : missing;
    list.append(list.empty() ? "" : ", ").append(file.name);
    count += here;
  }
  if (missing.empty()) return;
  fail(ErrorKind::input, missing, ": no such file beside ", present, "; expected all ", known.files.size(),
       " files of ", known.name, ", found ", count);
}

[[noreturn]] void fail_not_found(const std::string& name, const fs::path& data_dir) {
  if (const Known* known = find_known(name)) {
    std::string looked = "no folder of data sets was given";
    if (!data_dir.empty()) {
      const fs::path other = data_dir / (known->folder.empty() ? known->name : known->folder);
      looked = "looked in " + in_quotes((data_dir / name).string()) +
               (known->folder.empty() ? "" : ", " + in_quotes(other.string())) + " and " + in_quotes(data_dir.string());
    }
    throw Error(ErrorKind::file,
                name + ": found no files " + std::string(known->files.front().name) + ", ...: " + looked,
                "name the folder that holds them with --data-dir or GNN_DATA_DIR");
  }
  std::vector<std::string_view> names;
  for (const Known& set : known_datasets()) names.push_back(set.name);
  const std::string meant = suggest(name, names);
  throw Error(
      ErrorKind::usage,
      "--data: no data set " + in_quotes(name) + (meant.empty() ? "" : "; did you mean '" + meant + "'?"),
      "known data sets are listed by 'gnn data list'");
}

/// The one set in a folder, or the one that an npz file is.
FoundSet only_set(const fs::path& path) {
  std::vector<FoundSet> found = find_sets(path);
  check(found.size() == 1, "--data: expected the files of one data set in the folder ", in_quotes(path.string()),
        ", found ", found.size(), " sets");
  return found.front();
}

/// Where the set is and how it is to be read. Throws when there is none.
FoundSet locate(const std::string& name_or_dir, const fs::path& data_dir) {
  std::error_code ignored;
  if (const Known* known = find_known(name_or_dir); known && !data_dir.empty()) {
    if (known->family == Family::dgl_ppi) {
      if (const auto folder = dgl_folder(data_dir)) return {Family::dgl_ppi, *folder, std::string(known->name)};
    }
    if (const auto folder = known_folder(*known, data_dir)) {
      // The reader of Planetoid sets names what is missing itself.
      if (known->family != Family::planetoid) check_complete(*known, *folder);
      const fs::path path = is_one_file(known->family) ? find_file(*folder, known->files.front().name) : *folder;
      return {known->family, path, std::string(known->name)};
    }
  }
  // A name has no slash and no dot, so that it cannot lead out of data_dir.
  const bool is_path = name_or_dir.empty() || name_or_dir.find_first_of("/.") != std::string::npos;
  if (!is_path && !data_dir.empty()) {
    if (has_planetoid(data_dir, name_or_dir)) return {Family::planetoid, data_dir, name_or_dir};
    const fs::path folder = data_dir / name_or_dir;
    if (!find_known(name_or_dir) && fs::is_directory(folder, ignored)) return only_set(folder);
  }
  if (fs::is_directory(name_or_dir, ignored)) return only_set(name_or_dir);
  if (name_or_dir.ends_with(".npz")) return only_set(name_or_dir);
  fail_not_found(name_or_dir, data_dir);
}

/// PPI in DGL form, from its own files or from those of the GraphSAGE form.
Dataset load_dgl(const FoundSet& found) {
  if (has_dgl_ppi(found.path)) return read_dgl_ppi(found.path, found.name);
  return derive_dgl_ppi(read_graphsage(found.path, found.name));
}

}  // namespace

std::optional<fs::path> known_folder(const Known& known, const fs::path& data_dir) {
  if (data_dir.empty()) return std::nullopt;
  std::vector<fs::path> folders = {data_dir / known.name};
  if (!known.folder.empty()) folders.push_back(data_dir / known.folder);
  const fs::path here = data_dir.has_filename() ? data_dir.filename() : data_dir.parent_path().filename();
  const bool named = here == known.name || (!known.folder.empty() && here == known.folder);
  if (named || !has_common_names(known.family)) folders.push_back(data_dir);
  for (const fs::path& folder : folders) {
    if (has_any_file(known, folder)) return folder;
  }
  return std::nullopt;
}

bool is_complete(const Known& known, const fs::path& data_dir) {
  if (known.family == Family::dgl_ppi && !data_dir.empty() && dgl_folder(data_dir)) return true;
  const auto folder = known_folder(known, data_dir);
  return folder && std::ranges::all_of(known.files, [&](const KnownFile& file) { return has_file(*folder, file.name); });
}

Dataset load(const std::string& name_or_dir, const fs::path& data_dir) {
  if (name_or_dir == "cora") return cora();
  if (is_dictionary_lookup(name_or_dir)) return dictionary_lookup(std::string_view(name_or_dir));
  const FoundSet found = locate(name_or_dir, data_dir);
  switch (found.family) {
    case Family::planetoid:
      return read_planetoid(found.path, found.name);
    case Family::linqs: {
      // Files are called cora.*, the set cora-linqs.
      const std::string own = found.name.ends_with("-linqs") ? found.name.substr(0, found.name.size() - 6) : found.name;
      Dataset data = read_linqs(found.path, own);
      data.name = found.name;
      return data;
    }
    case Family::geom_gcn:
      return read_geom_gcn(found.path, found.name);
    case Family::heterophilous:
      return read_heterophilous(found.path, found.name);
    case Family::shchur:
      return read_shchur(found.path, found.name);
    case Family::graphsage:
      return read_graphsage(found.path, found.name);
    case Family::dgl_ppi:
      return load_dgl(found);
    case Family::hgb:
    case Family::typed_csv:
      break;
  }
  throw Error(ErrorKind::mismatch, found.name + ": expected nodes of one type or --merge-types, found a typed graph",
              "--merge-types takes all types and relations as one plain graph");
}

TypedDataset load_typed(const std::string& name_or_dir, const fs::path& data_dir) {
  const bool is_cora = name_or_dir == "cora";
  const FoundSet found = is_cora ? FoundSet{Family::planetoid, {}, "cora"} : locate(name_or_dir, data_dir);
  if (found.family == Family::hgb) return read_hgb(found.path, found.name);
  if (found.family == Family::typed_csv) return read_typed_csv(found.path, found.name);
  fail(ErrorKind::mismatch, found.name, ": expected nodes of several types, found a plain graph");
}

bool is_typed(const std::string& name_or_dir, const fs::path& data_dir) {
  if (is_dictionary_lookup(name_or_dir)) return false;
  if (const Known* known = find_known(name_or_dir)) return known->typed();
  try {
    const Family family = locate(name_or_dir, data_dir).family;
    return family == Family::hgb || family == Family::typed_csv;
  } catch (const Error&) {
    return false;  // load() gives the reason
  }
}

Split published_split(const Dataset& data, const std::string& name_or_dir, const fs::path& data_dir, std::size_t fold) {
  if (name_or_dir == "cora") {
    const auto folder = known_folder(*find_known("cora"), data_dir);
    return geom_split(data, folder ? *folder : data_dir / "cora", fold);
  }
  const FoundSet found = locate(name_or_dir, data_dir);
  if (found.family == Family::heterophilous) return heterophilous_split(found.path, data.num_nodes(), fold);
  check(found.family == Family::planetoid || found.family == Family::geom_gcn, "--split: expected a set with splits of Geom-GCN, got ",
        found.name);
  return geom_split(data, found.path, fold);
}

}  // namespace gnn::datasets

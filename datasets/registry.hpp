// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <datasets/dataset.hpp>
#include <datasets/typed_dataset.hpp>

namespace gnn::datasets {

/// A file of a known set. It may stand gzipped as NAME.gz.
struct KnownFile {
  std::string_view name;         ///< path below the folder of the set, without .gz
  std::string_view sha256;       ///< of the content, unpacked; empty when no verified copy was at hand
  std::string_view remote = {};  ///< path below a mirror's address; empty: as the name
};

/// The forms in which sets were published; each has its reader in datasets/sets.
enum class Family { planetoid, linqs, geom_gcn, heterophilous, shchur, hgb, typed_csv, graphsage, dgl_ppi };

/// A data set that the library knows by name. The counts are those of the set as loaded.
struct Known {
  std::string_view name;
  std::string_view task;
  std::size_t nodes;     ///< of all types
  std::size_t edges;     ///< directed, without self-loops; of typed sets all links, with those of reverse relations
  std::size_t features;  ///< of the type that is classified
  std::size_t classes;
  std::string_view license;
  std::string_view source;
  Family family;
  std::string_view folder;           ///< below data_dir, when it is not called as the set
  std::span<const KnownFile> files;  ///< needed
  std::span<const KnownFile> extra_files = {};        ///< used when there: the ten splits of Geom-GCN, marks of PPI
  std::span<const std::string_view> mirrors = {};     ///< addresses, with / at the end, below which the files stand

  bool typed() const { return family == Family::hgb || family == Family::typed_csv; }
};

/// All known sets, in the order in which they are shown.
std::span<const Known> known_datasets();

/// The known set of that name, or of a folder of that name ("film" for actor), or nullptr.
const Known* find_known(std::string_view name);

/// The folder that holds at least one of the needed files of a known set: data_dir/NAME, data_dir/FOLDER, or data_dir itself
/// where the names of the files, or its own name, tell which set they belong to. None when there is none.
std::optional<std::filesystem::path> known_folder(const Known& known, const std::filesystem::path& data_dir);

/// Whether all needed files stand in that folder.
bool is_complete(const Known& known, const std::filesystem::path& data_dir);

/// The set of that name. Cora is part of the library, and "dictionary-lookup:K" is made (datasets/sets/dictionary_lookup.hpp);
/// any other is read from its original files, looked for as known_folder
/// says. A name need not be known if data_dir/NAME holds a set of any family, or data_dir files ind.NAME.*.
/// `name_or_dir` may also be a folder that holds the files of one set, or an npz file that is one. data_dir may be empty:
/// then no files are looked for.
///
/// Throws Error(usage) for an unknown name, Error(file) for a known one without files, Error(input) naming the files that
/// are missing beside others, Error(mismatch) when the set is typed, and what the readers throw.
Dataset load(const std::string& name_or_dir, const std::filesystem::path& data_dir);

/// The same for sets with several node types. Throws Error(mismatch) when the set has only one.
TypedDataset load_typed(const std::string& name_or_dir, const std::filesystem::path& data_dir);

/// Whether load_typed is the one to call. False also for what cannot be found.
bool is_typed(const std::string& name_or_dir, const std::filesystem::path& data_dir);

/// Split `fold` of those published with a set that load() gave for the same arguments: Geom-GCN's ten, or the rows of masks
/// of a heterophilous set. Throws Error(file) when there are none, Error(usage) when the set has other ones.
Split published_split(const Dataset& data, const std::string& name_or_dir, const std::filesystem::path& data_dir,
                      std::size_t fold);

}  // namespace gnn::datasets

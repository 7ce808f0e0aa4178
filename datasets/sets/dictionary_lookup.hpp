// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <datasets/dataset.hpp>

namespace gnn::datasets {

/// The problem of Brody, Alon and Yahav 2022 (arXiv:2105.14491, section 4.1) that attention solves only if each target may
/// rank the sources in its own way: a dictionary of k keys is a graph, and its queries must find their keys.
///
/// A graph stands for a permutation of k values. Nodes 0 to k-1 are queries, k to 2k-1 keys, with an edge from every key to
/// every query. Features are two ones in 2 (k + 1) columns, the key's number and behind it the value's: query q has key q and
/// the value k, which means none; node k + q has key q and value permutation[q]. The class of query q is permutation[q];
/// keys have no label.
///
/// All permutations make a graph each when there are at most 32,000, else 32,000 are drawn. Of the k^2 pairs of key and
/// value floor(0.8^(1/k) k^2) are drawn as known: the graphs of known pairs train, the others validate and test. The draws
/// are always the same.
/// Throws Error(usage) unless 2 <= k <= 100.
Dataset dictionary_lookup(int k);

/// The same for a name "dictionary-lookup:K". Throws Error(usage) when K is no such number.
Dataset dictionary_lookup(std::string_view name);

/// Whether a name begins like one.
bool is_dictionary_lookup(std::string_view name);

}  // namespace gnn::datasets

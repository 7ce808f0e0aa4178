// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <datasets/dataset.hpp>
#include <gnn/layers/supergat.hpp>

namespace gnn::inline GNN_PRECISION {

/// Which form of SuperGAT's attention fits a graph, and why.
struct AttentionChoice {
  AttentionForm form = AttentionForm::mx;
  bool edge_loss = true;  ///< false: the edge loss does not help, GAT's attention (GO) without it is as good
  std::string reason;     ///< one line for people
};

/// The recipe of Kim and Oh 2021, section 5, read off their figure of best forms over mean degree and
/// homophily:
///
///   homophily below 0.2                               SD
///   homophily from 0.2 to 0.5                         plain GAT
///   homophily of 0.5 or more, mean degree to 30       MX
///   homophily of 0.5 or more, mean degree above 30    plain GAT
///
/// With these bounds it names the best form for 15 of the 17 data sets of the paper. NaN for the homophily:
/// unknown, MX.
AttentionChoice choose_attention(double mean_degree, double homophily);

/// The same for a data set. The degree counts no self-loops; the homophily is the mean, over training nodes
/// with training nodes among their neighbours, of the share of these with the same label (of many labels: of
/// the share of all labels that both have).
AttentionChoice choose_attention(const datasets::Dataset& data);

}  // namespace gnn::inline GNN_PRECISION

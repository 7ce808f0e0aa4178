// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Between our graphs and Boost.Graph, both ways: BoostView lets the algorithms of Boost run on a Csr, csr_from_boost()
/// makes a Csr of a graph of Boost's. These three headers are the only ones of graphs that need Boost.
#include <graphs/boost_convert.hpp>
#include <graphs/boost_view.hpp>

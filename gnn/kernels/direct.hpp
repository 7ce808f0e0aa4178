// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include <gnn/core/array.hpp>
#include <gnn/kernels/context.hpp>
#include <graphs/types.hpp>

/// Some kernels for callers outside the library, which does not show the others: what measurements of a device start.
namespace gnn::inline GNN_PRECISION::direct {

/// Every number of y becomes `value`.
void fill(Context& ctx, Mat y, Real value);

/// y = x.
void copy(Context& ctx, ConstMat x, Mat y);

/// y = x w. x: N x F, w: F x M, y: N x M.
void matmul(Context& ctx, ConstMat x, ConstMat w, Mat y);

/// y[i,:] = the sum of `each` rows of x, index[each i] and those behind it, see kernels::gather_rows. index: on ctx's device.
void gather(Context& ctx, const Array<NodeId>& index, std::size_t each, ConstMat x, Mat y);

/// Records the kernels that `work` starts on a GPU as a CUDA graph; none of them runs. The result runs all of them, once a
/// call, for as long as ctx lives. Throws Error(device) without CUDA, and Error(internal) when `work` exchanges numbers with
/// the host.
std::function<void()> record(Context& ctx, const std::function<void()>& work);

}  // namespace gnn::inline GNN_PRECISION::direct

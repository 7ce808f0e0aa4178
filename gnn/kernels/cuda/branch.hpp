// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>

#include <gnn/kernels/context.hpp>

struct CUevent_st;  // what a cudaEvent_t points to

namespace gnn::inline GNN_PRECISION {

/// A second line of kernels on a context's GPU, for work that does not wait for what the context does meanwhile: a small
/// graph leaves most of a GPU idle. It has a stream, counters, handles and memory of its own. In a recording it becomes a
/// branch of the graph, and must live as long as that.
class CudaBranch {
 public:
  explicit CudaBranch(int ordinal);
  CudaBranch(const CudaBranch&) = delete;
  CudaBranch& operator=(const CudaBranch&) = delete;

  /// Runs what `work` gives to ctx behind all that ctx was given before, and beside what it is given next. `work` exchanges no
  /// numbers with the host.
  void run(Context& ctx, const std::function<void()>& work);

  /// What ctx is given from now on waits for all runs so far.
  void join(Context& ctx);

  /// Behind the runs so far; the other join waits for no later one. It is of one recording, where there is one.
  using Moment = std::shared_ptr<CUevent_st>;
  Moment now();
  void join(Context& ctx, const Moment& moment);

 private:
  std::shared_ptr<CudaState> state_;
  std::shared_ptr<Pool> pool_;
};

namespace cuda {
std::shared_ptr<CudaBranch> make_branch(int ordinal);
}  // namespace cuda

}  // namespace gnn::inline GNN_PRECISION

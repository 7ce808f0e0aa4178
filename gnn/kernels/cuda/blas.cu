// SPDX-License-Identifier: Apache-2.0
#include <gnn/kernels/cuda/blas.hpp>

#include <cublas_v2.h>
#include <dlfcn.h>

#include <string>

#include <gnn/kernels/cuda/launch.cuh>

// cuBLAS sees matrices by columns, so that each product here is written for the transposes. With a workspace of its own and on
// one stream its results are the same bits every time. The library is loaded when a product first needs it: linked, it
// would cost every program 150 MiB, on machines without a GPU, too.
namespace gnn::inline GNN_PRECISION::cuda {
namespace {

constexpr std::size_t workspace_bytes = std::size_t(32) << 20;

// The functions of cuBLAS that are used here.
struct Library {
  Library() {
    const std::string name = "libcublas.so." + std::to_string(CUBLAS_VER_MAJOR);
    void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen((GNN_CUDA_LIBRARIES "/" + name).c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!library) fail(ErrorKind::device, "cuda: ", name, " of the CUDA Toolkit cannot be loaded: ", dlerror());
    const auto find = [&](auto& function, const char* symbol) {
      function = reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, symbol));
      if (!function) fail(ErrorKind::device, "cuda: ", name, " has no ", symbol);
    };
    find(create, "cublasCreate_v2");
    find(destroy, "cublasDestroy_v2");
    find(set_math_mode, "cublasSetMathMode");
    find(set_stream, "cublasSetStream_v2");
    find(set_workspace, "cublasSetWorkspace_v2");
    find(sgemm, "cublasSgemm_v2_64");
    find(dgemm, "cublasDgemm_v2_64");
    find(status_string, "cublasGetStatusString");
  }
  decltype(&cublasCreate_v2) create;
  decltype(&cublasDestroy_v2) destroy;
  decltype(&cublasSetMathMode) set_math_mode;
  decltype(&cublasSetStream_v2) set_stream;
  decltype(&cublasSetWorkspace_v2) set_workspace;
  decltype(&cublasSgemm_v2_64) sgemm;
  decltype(&cublasDgemm_v2_64) dgemm;
  decltype(&cublasGetStatusString) status_string;
};

const Library& blas() {
  static const Library library;
  return library;
}

void check_blas(cublasStatus_t status, const char* what) {
  if (status != CUBLAS_STATUS_SUCCESS) fail(ErrorKind::device, "cuda: ", what, " failed: ", blas().status_string(status));
}

cublasHandle_t handle_of(Context& ctx) {
  CudaState& state = ctx.cuda();
  use_device(state.ordinal);
  if (!state.blas) {
    check_blas(blas().create(&state.blas), "cublasCreate");
    GNN_CUDA_CHECK(cudaMalloc(&state.blas_workspace, workspace_bytes));
    check_blas(blas().set_math_mode(state.blas, ctx.precision() == Precision::tf32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH),
               "cublasSetMathMode");
  }
  // The stream is another one while kernels are recorded; changing it forgets the workspace.
  check_blas(blas().set_stream(state.blas, state.stream), "cublasSetStream");
  check_blas(blas().set_workspace(state.blas, state.blas_workspace, workspace_bytes), "cublasSetWorkspace");
  return state.blas;
}

[[maybe_unused]] cublasStatus_t gemm(cublasHandle_t h, cublasOperation_t a_op, cublasOperation_t b_op, ConstMat a, ConstMat b, std::size_t rows,
                    std::size_t cols, std::size_t inner, const float* beta, float* c, std::size_t stride) {
  const float one = 1;
  return blas().sgemm(h, a_op, b_op, std::int64_t(rows), std::int64_t(cols), std::int64_t(inner), &one,
                        reinterpret_cast<const float*>(a.data), std::int64_t(a.stride), reinterpret_cast<const float*>(b.data),
                        std::int64_t(b.stride), beta, c, std::int64_t(stride));
}
[[maybe_unused]] cublasStatus_t gemm(cublasHandle_t h, cublasOperation_t a_op, cublasOperation_t b_op, ConstMat a, ConstMat b, std::size_t rows,
                    std::size_t cols, std::size_t inner, const double* beta, double* c, std::size_t stride) {
  const double one = 1;
  return blas().dgemm(h, a_op, b_op, std::int64_t(rows), std::int64_t(cols), std::int64_t(inner), &one,
                        reinterpret_cast<const double*>(a.data), std::int64_t(a.stride), reinterpret_cast<const double*>(b.data),
                        std::int64_t(b.stride), beta, c, std::int64_t(stride));
}

}  // namespace

void blas_product(Context& ctx, ConstMat a, bool a_transposed, ConstMat b, bool b_transposed, bool add, Mat c) {
  const std::size_t inner = a_transposed ? a.rows : a.cols;
  if (c.size() == 0) return;
  const Real beta = add ? 1 : 0;
  // c = a b by rows is c^T = b^T a^T by columns.
  check_blas(gemm(handle_of(ctx), b_transposed ? CUBLAS_OP_T : CUBLAS_OP_N, a_transposed ? CUBLAS_OP_T : CUBLAS_OP_N, b, a, c.cols,
                  c.rows, inner, &beta, c.data, c.stride),
             "a matrix product");
}

void close_blas(CudaState& state) {
  if (state.blas) blas().destroy(state.blas);
  cudaFree(state.blas_workspace);
}

}  // namespace gnn::inline GNN_PRECISION::cuda

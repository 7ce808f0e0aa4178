// SPDX-License-Identifier: Apache-2.0
#pragma once

// In the place of the header of cuBLAS, see cuda_runtime.h.
#include <cuda_runtime.h>
#define CUBLAS_VER_MAJOR 13
struct cublasContext {};
using cublasHandle_t = cublasContext*;
enum cublasStatus_t { CUBLAS_STATUS_SUCCESS };
enum cublasOperation_t { CUBLAS_OP_N, CUBLAS_OP_T };
enum cublasMath_t { CUBLAS_DEFAULT_MATH, CUBLAS_TF32_TENSOR_OP_MATH = 3 };
extern "C" {
cublasStatus_t cublasCreate_v2(cublasHandle_t*);
cublasStatus_t cublasDestroy_v2(cublasHandle_t);
cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t);
cublasStatus_t cublasSetStream_v2(cublasHandle_t, cudaStream_t);
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void*, std::size_t);
cublasStatus_t cublasSgemm_v2_64(cublasHandle_t, cublasOperation_t, cublasOperation_t, std::int64_t,
                                 std::int64_t, std::int64_t, const float*, const float*, std::int64_t,
                                 const float*, std::int64_t, const float*, float*, std::int64_t);
cublasStatus_t cublasDgemm_v2_64(cublasHandle_t, cublasOperation_t, cublasOperation_t, std::int64_t,
                                 std::int64_t, std::int64_t, const double*, const double*, std::int64_t,
                                 const double*, std::int64_t, const double*, double*, std::int64_t);
const char* cublasGetStatusString(cublasStatus_t);
}

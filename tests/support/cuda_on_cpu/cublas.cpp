// SPDX-License-Identifier: Apache-2.0
// The library that is loaded as cuBLAS: plain sums in double. Matrices lie by columns.
#include <cublas_v2.h>
template <class T>
void gemm(bool ta, bool tb, std::int64_t m, std::int64_t n, std::int64_t k, T alpha, const T* a,
          std::int64_t lda, const T* b, std::int64_t ldb, T beta, T* c, std::int64_t ldc) {
  cuda_on_cpu::submit([=] {
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t i = 0; i < m; ++i) {
        double sum = 0;
        for (std::int64_t l = 0; l < k; ++l)
          sum += double(ta ? a[i * lda + l] : a[l * lda + i]) * double(tb ? b[l * ldb + j] : b[j * ldb + l]);
        c[j * ldc + i] = T(double(alpha) * sum + (beta == 0 ? 0.0 : double(beta) * double(c[j * ldc + i])));
      }
  });
}
extern "C" {
cublasStatus_t cublasCreate_v2(cublasHandle_t* h) {
  *h = new cublasContext;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDestroy_v2(cublasHandle_t h) {
  delete h;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) {
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetStream_v2(cublasHandle_t, cudaStream_t) {
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t, void*, std::size_t) {
  return CUBLAS_STATUS_SUCCESS;
}
const char* cublasGetStatusString(cublasStatus_t) {
  return "";
}
cublasStatus_t cublasSgemm_v2_64(cublasHandle_t, cublasOperation_t ta, cublasOperation_t tb, std::int64_t m,
                                 std::int64_t n, std::int64_t k, const float* al, const float* a,
                                 std::int64_t lda, const float* b, std::int64_t ldb, const float* be,
                                 float* c, std::int64_t ldc) {
  gemm<float>(ta, tb, m, n, k, *al, a, lda, b, ldb, *be, c, ldc);
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasDgemm_v2_64(cublasHandle_t, cublasOperation_t ta, cublasOperation_t tb, std::int64_t m,
                                 std::int64_t n, std::int64_t k, const double* al, const double* a,
                                 std::int64_t lda, const double* b, std::int64_t ldb, const double* be,
                                 double* c, std::int64_t ldc) {
  gemm<double>(ta, tb, m, n, k, *al, a, lda, b, ldb, *be, c, ldc);
  return CUBLAS_STATUS_SUCCESS;
}
}

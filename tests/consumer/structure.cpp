// SPDX-License-Identifier: Apache-2.0
#include <graphs/error.hpp>
#include <graphs/spans.hpp>

#include <iostream>

int main() {
  const std::int64_t source[] = {0, 1}, target[] = {1, 7};
  try {
    gnn::graphs::csr_from_coo<std::int64_t>(3, source, target);
  } catch (const gnn::Error& error) {
    std::cout << error.what() << '\n';
  }
}

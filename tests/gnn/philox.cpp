// SPDX-License-Identifier: Apache-2.0
#include <gnn/core/philox.hpp>

#include <doctest/doctest.h>

using namespace gnn;
using Words = PhiloxWords;

TEST_CASE("philox: gives the known answers that Random123 publishes for philox4x32, 10 rounds") {
  CHECK(philox(Words{0, 0, 0, 0}, 0, 0) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  const std::uint32_t ones = 0xffffffff;
  CHECK(philox(Words{ones, ones, ones, ones}, ones, ones) ==
        Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(philox(Words{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0) ==
        Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("philox: the counter of a feature is element / 4 in two words, stream, step") {
  CHECK(feature_counter(0, 0, 0) == Words{0, 0, 0, 0});
  CHECK(feature_counter(7, 2, 9) == Words{1, 0, 2, 9});
  CHECK(feature_counter(0x123456789abull, 7, 42) == Words{0xd159e26a, 0x48, 7, 42});
}

TEST_CASE("philox: the counter of an edge is target, source, stream with head and rank, step") {
  CHECK(edge_counter(5, 9, 0, 0, 11, 42) == Words{5, 9, 11, 42});
  CHECK(edge_counter(5, 9, 0, 3, 11, 42) == Words{5, 9, 11, 42});
  CHECK(edge_counter(5, 9, 0, 6, 11, 42) == Words{5, 9, 0x100b, 42});
  CHECK(edge_counter(5, 9, 3, 6, 11, 42) == Words{5, 9, 0x00c0100b, 42});
  // Ranks repeat after 1024; the last head and the last stream just fit.
  CHECK(edge_counter(5, 9, 1024, 0, 11, 42) == edge_counter(5, 9, 0, 0, 11, 42));
  CHECK(edge_counter(1, 2, 1023, max_mask_heads - 1, max_streams - 1, 3) == Words{1, 2, 0xffffffff, 3});
}

TEST_CASE("philox: the key is the seed, low word first") {
  const Dropout dropout = make_dropout(0x1122334455667788ull, 1, 2, 0.5);
  CHECK(dropout.key0() == 0x55667788);
  CHECK(dropout.key1() == 0x11223344);
}

TEST_CASE("make_dropout: a share p is p 2^32 as threshold and 1 / (1 - p) as scale") {
  CHECK(make_dropout(1, 2, 3, 0.5).threshold == 0x80000000);
  CHECK(make_dropout(1, 2, 3, 0.5).scale == Real(2));
  CHECK(make_dropout(1, 2, 3, 0.6).scale == Real(1 / (1 - 0.6)));
  CHECK_FALSE(make_dropout(1, 2, 3, 0).active());
  CHECK(make_dropout(1, 2, 3, 0).scale == Real(1));
}

TEST_CASE("uniform: lies inside (0, 1) at both ends") {
  CHECK(uniform(0) == 0.5 / 16777216);
  CHECK(uniform(0xffffffff) == 1 - 0.5 / 16777216);
  CHECK(uniform(0x80000000) == 0.5 + 0.5 / 16777216);
}

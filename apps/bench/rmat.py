#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a random R-MAT graph with features and labels for `gnn bench --edges`: rmat.py FOLDER [SCALE] [EDGES] [FEATURES] [CLASSES].

Needs NumPy only. The graph has 2^SCALE nodes and the usual corner probabilities 0.57, 0.19, 0.19, 0.05."""
import sys
import numpy as np

folder = sys.argv[1]
scale, edges, features, classes = (int(sys.argv[k]) if len(sys.argv) > k else v for k, v in ((2, 17), (3, 2_000_000), (4, 128), (5, 40)))
random = np.random.default_rng(1)
source, target = np.zeros(edges, np.int64), np.zeros(edges, np.int64)
for _ in range(scale):
    u = random.random(edges)
    source = 2 * source + (u >= 0.76)
    target = 2 * target + (((u >= 0.57) & (u < 0.76)) | (u >= 0.95))
nodes = 2**scale
order = random.permutation(nodes)  # so that numbers say nothing of degrees
np.save(f"{folder}/edges.npy", np.stack([order[source], order[target]], axis=1).astype(np.int32))
np.save(f"{folder}/features.npy", random.standard_normal((nodes, features), np.float32))
np.save(f"{folder}/labels.npy", random.integers(0, classes, nodes).astype(np.int32))

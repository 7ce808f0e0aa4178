#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Times training steps of PyTorch Geometric's layers, a JSON line each: peers.py cpu|cuda [FOLDER].

On a random graph of Cora's size and, with FOLDER, on the graph that rmat.py wrote there: time depends on sizes, not on values."""
import json
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch_geometric.nn import GATConv, GATv2Conv, SuperGATConv

device = torch.device(sys.argv[1])
on_gpu = device.type == "cuda"


class Net(torch.nn.Module):
    def __init__(self, conv, features, hidden, heads, classes, dropout, **more):
        super().__init__()
        self.dropout = dropout
        self.first = conv(features, hidden, heads=heads, dropout=dropout, **more)
        self.second = conv(hidden * heads, classes, heads=1, concat=False, dropout=dropout, **more)

    def forward(self, x, edges):
        x = F.elu(self.first(F.dropout(x, self.dropout, self.training), edges))
        return self.second(F.dropout(x, self.dropout, self.training), edges)


def median_ms(work, warm=5, repeats=20):
    times = []
    wait = torch.cuda.synchronize if on_gpu else lambda: None
    for k in range(warm + repeats):
        wait()
        begin = time.perf_counter()
        work()
        wait()
        times.append(1e3 * (time.perf_counter() - begin))
    return sorted(times[warm:])[repeats // 2]


def time_step(graph, name, conv, x, edges, labels, hidden, heads, dropout, **more):
    try:
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        net = Net(conv, x.shape[1], hidden, heads, int(labels.max()) + 1, dropout, **more).to(device)
        adam = torch.optim.Adam(net.parameters(), lr=5e-3, weight_decay=5e-4)

        def step():
            adam.zero_grad()
            loss = F.cross_entropy(net(x, edges), labels)
            loss = loss + sum(layer.get_attention_loss() for layer in (net.first, net.second) if hasattr(layer, "get_attention_loss"))
            loss.backward()
            adam.step()

        ms = median_ms(step)
        line = {"step_ms": ms, **({"peak_gib": torch.cuda.max_memory_allocated() / 2**30} if on_gpu else {})}
    except torch.cuda.OutOfMemoryError:
        line = {"out_of_memory": True}
    print(json.dumps({"event": "peer", "data": graph, "model": name, "by": "PyTorch Geometric", **line}), flush=True)


random = np.random.default_rng(0)
x = torch.from_numpy((random.random((2708, 1433)) < 0.0127).astype(np.float32)).to(device)
edges = torch.from_numpy(random.integers(0, 2708, (2, 10556))).to(device)
labels = torch.from_numpy(random.integers(0, 7, 2708)).to(device)
for name, conv, more in (("gat", GATConv, {}), ("gatv2", GATv2Conv, {}), ("supergat", SuperGATConv, {"attention_type": "MX"})):
    time_step("cora", name, conv, x, edges, labels, 8, 8, 0.6, **more)
if len(sys.argv) > 2:
    edges, x, labels = (torch.from_numpy(np.load(f"{sys.argv[2]}/{what}.npy")).to(device) for what in ("edges", "features", "labels"))
    edges, labels = edges.t().contiguous().long(), labels.long()
    for name, conv in (("gat", GATConv), ("gatv2", GATv2Conv)):
        time_step("edges", name, conv, x, edges, labels, 64, 4, 0.0)

# SPDX-License-Identifier: Apache-2.0
"""Writes tests/train/foreign: small models of PyTorch Geometric and DGL with what they give on a small graph.

    python3 make_foreign.py FOLDER         (made with torch 2.2.2, torch_geometric 2.5.3, dgl 2.1.0, safetensors)

Each file is the state dict of a model of two layers, and beside it test.x (12 x 5), test.source, test.target and test.logits (12 x 3).
"""
import sys
from pathlib import Path

import dgl
import torch
import torch_geometric
from dgl.nn import GATConv as DglGat, GATv2Conv as DglGatv2
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import elu
from torch_geometric.nn import GATConv, GATv2Conv, SuperGATConv

NODES, FEATURES, CHANNELS, HEADS, CLASSES = 12, 5, 4, 3, 3
versions = {"torch": torch.__version__, "torch_geometric": torch_geometric.__version__, "dgl": dgl.__version__}


def graph():
    """Edges without duplicates and self-loops; node 11 has none."""
    torch.manual_seed(1)
    pairs = {(int(a), int(b)) for a, b in torch.randint(0, NODES - 1, (40, 2)) if a != b}
    return torch.tensor(sorted(pairs)).t().contiguous()


class Pyg(nn.Module):
    def __init__(self, conv, **options):
        super().__init__()
        self.conv1 = conv(FEATURES, CHANNELS, heads=HEADS, **options)
        self.conv2 = conv(HEADS * CHANNELS, CLASSES, heads=2, concat=False, **options)

    def forward(self, edges, x):
        return self.conv2(elu(self.conv1(x, edges)), edges)


class Dgl(nn.Module):
    def __init__(self, conv, **options):
        super().__init__()
        options["allow_zero_in_degree"] = True
        self.gat_layers = nn.ModuleList([conv(FEATURES, CHANNELS, HEADS, **options), conv(HEADS * CHANNELS, CLASSES, 2, **options)])

    def forward(self, edges, x):
        g = dgl.graph((edges[0], edges[1]), num_nodes=NODES)
        return self.gat_layers[1](g, elu(self.gat_layers[0](g, x)).flatten(1)).mean(1)


def write(folder, name, model):
    torch.manual_seed(7)
    for parameter in model.parameters():
        nn.init.normal_(parameter, std=0.5)
    model.eval()
    edges, x = graph(), torch.randn(NODES, FEATURES)
    with torch.no_grad():
        logits = model(edges, x)
    tensors = {key: value.contiguous().clone() for key, value in model.state_dict().items()}
    tensors |= {"test.x": x, "test.source": edges[0].contiguous(), "test.target": edges[1].contiguous(), "test.logits": logits}
    save_file(tensors, folder / f"{name}.safetensors", metadata=versions)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, "pyg_gat", Pyg(GATConv))
    write(folder, "pyg_gatv2", Pyg(GATv2Conv))
    write(folder, "pyg_gatv2_shared", Pyg(GATv2Conv, share_weights=True))
    write(folder, "pyg_supergat_mx", Pyg(SuperGATConv, attention_type="MX"))
    write(folder, "pyg_supergat_sd", Pyg(SuperGATConv, attention_type="SD"))
    write(folder, "dgl_gat", Dgl(DglGat))
    write(folder, "dgl_gatv2", Dgl(DglGatv2))


main()

"""Seconds an epoch of the same TCN in plain PyTorch, eager, one thread. Reads X (n, frames, features), y, batch."""

import json
import sys
import time

import numpy as np
import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.convolution = nn.Conv1d(128, 128, 3, dilation=dilation, padding=dilation, bias=False)
        self.norm = nn.BatchNorm1d(128)
        self.dropout = nn.Dropout1d(0.3)

    def forward(self, x):
        return x + self.dropout(torch.relu(self.norm(self.convolution(x))))


class Tcn(nn.Module):
    def __init__(self, features, classes):
        super().__init__()
        self.enter = nn.Sequential(nn.Conv1d(features, 128, 1, bias=False), nn.BatchNorm1d(128), nn.ReLU())
        self.blocks = nn.Sequential(*(Block(d) for d in (1, 2, 4)))
        self.leave = nn.Sequential(nn.Linear(256, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, classes))

    def forward(self, x):
        x = self.blocks(self.enter(x.transpose(1, 2)))
        return self.leave(torch.cat([x.mean(2), x.amax(2)], 1))


data = np.load(sys.argv[1])
X, y, batch = torch.from_numpy(data["X"]), torch.from_numpy(data["y"]), int(data["batch"])
model = Tcn(X.shape[2], int(y.max()) + 1)
optimizer = torch.optim.AdamW(model.parameters())
loss = nn.CrossEntropyLoss()
seconds = []
for _ in range(4):
    start = time.perf_counter()
    for rows in torch.randperm(len(X)).split(batch):
        optimizer.zero_grad()
        loss(model(X[rows]), y[rows]).backward()
        optimizer.step()
    seconds.append(time.perf_counter() - start)
print(json.dumps({"first_s": seconds[0], "later_s": float(np.median(seconds[1:])), "all_s": seconds[1:]}))

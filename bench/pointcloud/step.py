"""One training step of PointFlow in PyTorch with torchdiffeq, on the sizes that step.mjs passes; prints a line of JSON.

TORCHDIFFEQ_DIR names a checkout of rtqichen/torchdiffeq.
"""

import json
import math
import os
import sys
import time

import torch
from torch import nn

sys.path.insert(0, os.environ["TORCHDIFFEQ_DIR"])
from torchdiffeq import odeint_adjoint  # noqa: E402

options = json.loads(sys.argv[1])
torch.set_num_threads(options["threads"])
torch.manual_seed(0)


class ConcatSquash(nn.Module):
    """(W x + b) sigmoid(W_g c + b_g) + W_b c; c, which holds the time, is computed once for the points of a cloud."""

    def __init__(self, inputs, outputs, width):
        super().__init__()
        self.layer = nn.Linear(inputs, outputs)
        self.gate = nn.Linear(width, outputs)
        self.shift = nn.Linear(width, outputs, bias=False)

    def forward(self, x, c):
        gate, shift = torch.sigmoid(self.gate(c)), self.shift(c)
        if x.dim() == 3:
            gate, shift = gate.unsqueeze(1), shift.unsqueeze(1)
        return self.layer(x) * gate + shift


class Field(nn.Module):
    """The state (x, log-determinant, context); the trace by one Hutchinson probe for a step."""

    def __init__(self, dim, hidden, context):
        super().__init__()
        widths = [dim, *hidden, dim]
        self.layers = nn.ModuleList(ConcatSquash(a, b, 1 + context) for a, b in zip(widths, widths[1:]))
        self.evaluations = 0
        self.probe = None

    def forward(self, t, states):
        self.evaluations += 1
        x, context = states[0], states[2]
        with torch.enable_grad():
            x = x.requires_grad_(True)
            context = context.requires_grad_(True)
            c = torch.cat([t.expand(context.shape[0], 1), context], 1)
            h = x
            for i, layer in enumerate(self.layers):
                h = layer(h, c)
                if i + 1 < len(self.layers):
                    h = torch.tanh(h)
            (product,) = torch.autograd.grad(h, x, self.probe, create_graph=True)
            trace = (product * self.probe).sum(-1, keepdim=True)
        return h, trace, torch.zeros_like(context)


def log_prob(field, x, context):
    field.probe = torch.randint(0, 2, x.shape).to(x) * 2 - 1
    start = (x, torch.zeros(*x.shape[:-1], 1), context)
    times = torch.tensor([0.0, 0.5])
    tolerance = options["tolerance"]
    z, log_det, _ = odeint_adjoint(field, start, times, rtol=tolerance, atol=tolerance, method="dopri5")
    z, log_det = z[-1], log_det[-1]
    return (-0.5 * z**2 - 0.5 * math.log(2 * math.pi)).sum(-1) + log_det.squeeze(-1)


def branch(inputs):
    return nn.Sequential(
        nn.Linear(inputs, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, options["latent"])
    )


class PointFlow(nn.Module):
    def __init__(self):
        super().__init__()
        widths = [3, 128, 128, 256, 512]
        parts = []
        for a, b in zip(widths, widths[1:]):
            parts += [nn.Linear(a, b), nn.ReLU()]
        self.points = nn.Sequential(*parts[:-1])
        self.mean, self.log_variance = branch(512), branch(512)
        self.decoder = Field(3, options["decoder"], options["latent"])
        self.prior = Field(options["latent"], options["prior"], 0)

    def loss(self, x):
        pooled = self.points(x).max(1).values
        mean, log_variance = self.mean(pooled), self.log_variance(pooled)
        z = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        entropy = 0.5 * (log_variance + 1 + math.log(2 * math.pi)).sum(1)
        prior = log_prob(self.prior, z, torch.zeros(z.shape[0], 0))
        points = log_prob(self.decoder, x, z).sum(1)
        return -(points + prior + entropy).mean()


model = PointFlow()
optimiser = torch.optim.Adam(model.parameters(), 1e-3)


def step(points):
    x = torch.randn(options["clouds"], points, 3)
    model.decoder.evaluations = 0
    begun = time.perf_counter()
    optimiser.zero_grad()
    loss = model.loss(x)
    forward = model.decoder.evaluations
    loss.backward()
    optimiser.step()
    seconds = time.perf_counter() - begun
    return {
        "loss": loss.item(),
        "seconds": seconds,
        "forward": forward,
        "backward": model.decoder.evaluations - forward,
    }


step(16)
result = step(options["points"])
result["parameters"] = sum(p.numel() for p in model.parameters())
print(json.dumps(result))

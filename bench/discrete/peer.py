"""Seconds per training step, density pass and sampling pass of a discrete flow of zuko or nflows (PyTorch, CPU), or its
weights beside log-densities that it found with them. Prints one JSON line.

  ZUKO_DIR=... NFLOWS_DIR=... python3 peer.py '{"peer": "zuko", "flow": "MAF", "dim": 6, "rows": 1000, "seconds": 1}'
  ... python3 peer.py '{"peer": "nflows", "flow": "NSF", "dim": 6, "rows": 100, "export": "weights.npz"}'
"""
import json
import os
import sys
import time
import types
import warnings

warnings.filterwarnings('ignore')
settings = dict(layers=5, hidden=[128, 128], bins=8, threads=[1], seconds=1, sample=True)
settings.update(json.loads(sys.argv[1]))
sys.path.insert(0, os.environ[settings['peer'].upper() + '_DIR'])

import numpy as np
import torch

torch.manual_seed(0)
dim, layers, hidden = settings['dim'], settings['layers'], settings['hidden']


def zuko_flow():
    import zuko

    make = getattr(zuko.flows, settings['flow'])
    flow = make(dim, transforms=layers, hidden_features=tuple(hidden))
    return flow, lambda x: flow().log_prob(x), lambda n: flow().sample((n,))


def nflows_flow():
    # What it imports for other flows and for pictures; nothing that is measured needs it.
    umnn, matplotlib, pyplot = (types.ModuleType(name) for name in ('UMNN', 'matplotlib', 'matplotlib.pyplot'))
    umnn.NeuralIntegral = umnn.ParallelNeuralIntegral = None
    matplotlib.pyplot = pyplot
    sys.modules.update({m.__name__: m for m in (umnn, matplotlib, pyplot)})
    from nflows import distributions, flows, transforms

    network = dict(hidden_features=hidden[0], num_blocks=len(hidden) - 1, use_residual_blocks=False)
    parts = []
    for layer in range(layers):
        if layer > 0:
            parts.append(transforms.ReversePermutation(dim))
        if settings['flow'] == 'MAF':
            parts.append(transforms.MaskedAffineAutoregressiveTransform(dim, **network))
        else:
            spline = dict(num_bins=settings['bins'], tails='linear', tail_bound=5.0)
            parts.append(
                transforms.MaskedPiecewiseRationalQuadraticAutoregressiveTransform(dim, **spline, **network)
            )
    flow = flows.Flow(transforms.CompositeTransform(parts), distributions.StandardNormal([dim]))
    return flow, flow.log_prob, flow.sample


def export(flow, log_prob, file):
    """Every linear layer in turn, weights as they act: masked, where they are."""
    arrays, index = {}, 0
    with torch.no_grad():
        for p in flow.parameters():
            p.add_(0.1 * torch.randn_like(p))
        flow.double()
        for module in flow.modules():
            if getattr(module, 'weight', None) is None or module.weight.dim() != 2:
                continue
            mask = getattr(module, 'mask', None)
            weight = module.weight if mask is None else module.weight * mask
            arrays[f'{index}.weight'] = weight.numpy()
            arrays[f'{index}.bias'] = module.bias.numpy()
            index += 1
        x = torch.randn(settings['rows'], dim, dtype=torch.float64)
        arrays['x'] = x.numpy()
        arrays['log_prob'] = log_prob(x).numpy()
    np.savez(file, **arrays)
    print(json.dumps(dict(linear=index)))


def median(run):
    """Of as many runs as there is time for, three at least, after one that is not counted."""
    run()
    times, end = [], time.perf_counter() + settings['seconds']
    while len(times) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return float(np.median(times))


def measure(flow, log_prob, sample):
    x = torch.randn(settings['rows'], dim)
    optimiser = torch.optim.Adam(flow.parameters(), lr=1e-4)

    def step():
        optimiser.zero_grad()
        loss = -log_prob(x).mean()
        loss.backward()
        optimiser.step()

    def without_gradient(run):
        def inner():
            with torch.no_grad():
                run()

        return inner

    answers = []
    for threads in settings['threads']:
        torch.set_num_threads(threads)
        found = dict(threads=threads, train=median(step))
        found['density'] = median(without_gradient(lambda: log_prob(x)))
        if settings['sample']:
            found['sample'] = median(without_gradient(lambda: sample(settings['rows'])))
        answers.append(found)
    print(json.dumps(dict(parameters=sum(p.numel() for p in flow.parameters()), seconds=answers)))


flow, log_prob, sample = zuko_flow() if settings['peer'] == 'zuko' else nflows_flow()
if 'export' in settings:
    export(flow, log_prob, settings['export'])
else:
    measure(flow, log_prob, sample)

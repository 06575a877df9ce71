"""Makes the golden values of this folder with the published FFJORD code.

Needs PyTorch, the published FFJORD repository (github.com/rtqichen/ffjord) and torchdiffeq:

    PYTHONPATH=FFJORD:TORCHDIFFEQ python3 make.py

What is stored are random weights, random rows, and what the published code makes of them, in float64 with dopri8 at
tolerance 1e-10 and steps that land on the end time. `config` in the metadata says what the model is. The layer
concat_v2 cannot be constructed there, because of a wrong super() call; the class below is what it means.
"""

import json
import os
import struct

import numpy as np
import torch
import torch.nn as nn

import lib.layers as layers
from lib.layers import diffeq_layers
from lib.layers.odefunc import NONLINEARITIES, AutoencoderDiffEqNet, AutoencoderODEfunc

torch.set_default_dtype(torch.float64)

CASES = {
    "concat_v2-elu-3d": dict(dim=3, dims="7-5", layer_type="concat_v2", nonlinearity="elu"),
    "concatcoord-square-2d-residual-hutchinson": dict(
        dim=2, dims="6", layer_type="concatcoord", nonlinearity="square", residual=True, divergence="hutchinson", scale=0.3
    ),
    "squash-tanh-5d-2blocks": dict(dim=5, dims="9-4", layer_type="squash", nonlinearity="tanh", num_blocks=2),
    "hyper-softplus-2d-bn": dict(dim=2, dims="5", layer_type="hyper", nonlinearity="softplus", batch_norm=True),
    "blend-swish-3d-3blocks-bn-residual": dict(
        dim=3, dims="6-6", layer_type="blend", nonlinearity="swish", num_blocks=3, batch_norm=True, residual=True, T=1.0
    ),
    "concatsquash-identity-1d": dict(dim=1, dims="4", layer_type="concatsquash", nonlinearity="identity"),
    "ignore-swish-4d-hutchinson": dict(
        dim=4, dims="8-8-8", layer_type="ignore", nonlinearity="swish", divergence="hutchinson"
    ),
    "concat-tanh-4d-autoencoder-hutchinson": dict(
        dim=4, dims="8-3-8", layer_type="concat", nonlinearity="tanh", autoencode=True, divergence="hutchinson"
    ),
}
ROWS = 6


class ConcatLinearV2(nn.Module):
    def __init__(self, dim_in, dim_out):
        super().__init__()
        self._layer = nn.Linear(dim_in, dim_out)
        self._hyper_bias = nn.Linear(1, dim_out, bias=False)

    def forward(self, t, x):
        return self._layer(x) + self._hyper_bias(t.view(1, 1))


diffeq_layers.ConcatLinear_v2 = ConcatLinearV2


def build(config):
    hidden = tuple(int(width) for width in config["dims"].split("-"))
    # Each model gets an activation of its own, as in a process of its own.
    NONLINEARITIES["swish"] = type(NONLINEARITIES["swish"])()

    def block():
        arguments = dict(
            hidden_dims=hidden,
            input_shape=(config["dim"],),
            strides=None,
            conv=False,
            layer_type=config["layer_type"],
            nonlinearity=config["nonlinearity"],
        )
        residual = config.get("residual", False)
        if config.get("autoencode"):
            function = AutoencoderODEfunc(AutoencoderDiffEqNet(**arguments), "approximate", residual=residual)
        else:
            divergence = "approximate" if config.get("divergence") == "hutchinson" else "brute_force"
            function = layers.ODEfunc(layers.ODEnet(**arguments), divergence, residual=residual)
        return layers.CNF(function, T=config.get("T", 0.5), train_T=True, solver="dopri8", atol=1e-10, rtol=1e-10)

    chain = [block() for _ in range(config.get("num_blocks", 1))]
    if config.get("batch_norm"):
        norm = lambda: layers.MovingBatchNorm1d(config["dim"])
        chain = [norm()] + [part for each in chain for part in (each, norm())]
    return layers.SequentialFlow(chain)


def make(name, config, seed):
    torch.manual_seed(seed)
    config = dict(config)
    scale = config.pop("scale", 0.5)
    model = build(config)
    with torch.no_grad():
        for key, tensor in list(model.named_parameters()) + list(model.named_buffers()):
            if key.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif not key.endswith(("sqrt_end_time", "step", "_num_evals")):
                tensor.add_(scale * torch.randn_like(tensor))
    x = torch.randn(ROWS, config["dim"])
    width = int(config["dims"].split("-")[1]) if config.get("autoencode") else config["dim"]
    e = torch.randn(ROWS, width)
    model.eval()
    for module in model.modules():
        if isinstance(module, layers.CNF):
            # In training the options of the solver are passed on: steps then land on the end time.
            module.training = True
            end = float(module.sqrt_end_time.detach() ** 2)
            module.solver_options = {"step_t": torch.tensor([end])}
            module.odefunc.before_odeint = lambda function=module.odefunc: setattr(function, "_e", e)
            module.odefunc.training = True

    z, delta = model(x, torch.zeros(ROWS, 1))
    log_prob = (-0.5 * np.log(2 * np.pi) - z**2 / 2).sum(1, keepdim=True) - delta
    loss = -log_prob.mean()
    loss.backward()
    for module in model.modules():
        if isinstance(module, layers.CNF):
            module.solver_options = {"step_t": torch.tensor([0.0])}
    with torch.no_grad():
        inverse = model(z, reverse=True)
    tensors = dict(x=x, e=e, z=z, delta_logp=delta, log_prob=log_prob, loss=loss.view(1), inverse_of_z=inverse)
    for key, tensor in model.state_dict().items():
        tensors["param/" + key] = tensor
    for key, parameter in model.named_parameters():
        if parameter.grad is not None and not key.endswith("sqrt_end_time"):
            tensors["grad/" + key] = parameter.grad
    save(os.path.join(os.path.dirname(os.path.abspath(__file__)), name + ".safetensors"), tensors, config)


def save(path, tensors, config):
    header, blobs, offset = {"__metadata__": {"config": json.dumps(config)}}, [], 0
    for name, tensor in tensors.items():
        blob = np.ascontiguousarray(tensor.detach().numpy().astype("<f8")).tobytes()
        shape = list(tensor.shape)
        header[name] = {"dtype": "F64", "shape": shape, "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blobs))


if __name__ == "__main__":
    for seed, (name, config) in enumerate(CASES.items()):
        make(name, config, seed)
        print(name)

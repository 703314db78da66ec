"""The limit of Luthier's benchmarks: what a step costs in PyTorch when a person writes it by hand for one model.

    START_NS=$(date +%s%N) python limit.py encoder MODEL train.tsv --method lora --steps 24 --warmup 8
    START_NS=$(date +%s%N) python limit.py decoder MODEL train.jsonl --method full --steps 8 --warmup 2

Nothing is padded: a batch is one row of tokens, of which attention takes the sequences of equal length at once. Batches are of
similar length. Queries, keys and values are one product; gate and up are one; an encoder's last layer answers for the first token
alone; a decoder's logits are those of supervised tokens; AdamW is fused. Dropout, clipping, ranks and what is trained are those
of peer.py, whose options and last line of output this script shares. A decoder's weights are random.
"""

import os
import time

START = int(os.environ.get("START_NS") or time.time_ns())

import argparse
import csv
import json
import random
import resource
from itertools import groupby
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer

RANK, SCALE = 8, 2.0
BATCH = {"encoder": 32, "decoder": 8}


class Weights:
    """The parameters of a model, and which of them are trained."""

    def __init__(self, method):
        self.lora = method == "lora"
        self.trained = []

    def add(self, value, whole=False):
        value = value.detach().clone().contiguous().requires_grad_(whole or not self.lora)
        if value.requires_grad:
            self.trained.append(value)
        return value

    def linear(self, weights, biases=None):
        """One product for several layers that read the same, each with an update of its own of low rank."""
        made = dict(w=self.add(torch.cat(weights)), b=None if biases is None else self.add(torch.cat(biases)))
        if self.lora:
            width = weights[0].shape[1]
            made["a"] = self.add(torch.randn(RANK * len(weights), width) / width**0.5, whole=True)
            made["bs"] = [self.add(torch.zeros(w.shape[0], RANK), whole=True) for w in weights]
        return made


def linear(x, layer):
    y = F.linear(x, layer["w"], layer["b"])
    if "a" in layer:
        low = F.linear(x, layer["a"]).split(RANK, -1)
        y = y + SCALE * torch.cat([F.linear(part, b) for part, b in zip(low, layer["bs"])], -1)
    return y


def runs(lengths):
    """Start, count and length of each run of sequences of equal length."""
    at = 0
    for length, same in groupby(lengths):
        count = len(list(same))
        yield at, count, length
        at += count * length


def attention(qkv, heads, lengths, dropout):
    """[tokens, (heads + 2 key-value heads) * size] to [tokens, heads * size]; causal where dropout is None."""
    queries, others = heads
    out = []
    for at, count, length in runs(lengths):
        part = qkv[at : at + count * length].view(count, length, queries + 2 * others, -1).transpose(1, 2)
        q, k, v = part.split([queries, others, others], 1)
        causal = dropout is None
        done = F.scaled_dot_product_attention(
            q, k, v, dropout_p=dropout or 0.0, is_causal=causal, enable_gqa=queries != others
        )
        out.append(done.transpose(1, 2).reshape(count * length, -1))
    return torch.cat(out)


class Bert:
    def __init__(self, folder, method, labels):
        config = json.loads((folder / "config.json").read_text())
        file = {k.removeprefix("bert."): v.float() for k, v in load_file(folder / "model.safetensors").items()}
        self.heads = config["num_attention_heads"]
        self.dropout = config["hidden_dropout_prob"]
        self.epsilon = config["layer_norm_eps"]
        weights = self.weights = Weights(method)

        def pair(name):
            return [weights.add(file[f"{name}.weight"]), weights.add(file[f"{name}.bias"])]

        def joined(*names):
            return weights.linear([file[f"{n}.weight"] for n in names], [file[f"{n}.bias"] for n in names])

        tables = ["word_embeddings", "position_embeddings", "token_type_embeddings"]
        self.words, self.positions, self.types = (weights.add(file[f"embeddings.{t}.weight"]) for t in tables)
        self.norm = pair("embeddings.LayerNorm")
        self.layers = []
        for i in range(config["num_hidden_layers"]):
            at = f"encoder.layer.{i}"
            self.layers.append(
                dict(
                    qkv=joined(*(f"{at}.attention.self.{n}" for n in ("query", "key", "value"))),
                    out=joined(f"{at}.attention.output.dense"),
                    norm1=pair(f"{at}.attention.output.LayerNorm"),
                    up=joined(f"{at}.intermediate.dense"),
                    down=joined(f"{at}.output.dense"),
                    norm2=pair(f"{at}.output.LayerNorm"),
                )
            )
        width = config["hidden_size"]
        self.pooler = [weights.add(torch.randn(width, width) * 0.02, True), weights.add(torch.zeros(width), True)]
        self.head = [weights.add(torch.randn(labels, width) * 0.02, True), weights.add(torch.zeros(labels), True)]

    def normed(self, x, norm):
        return F.layer_norm(x, x.shape[-1:], norm[0], norm[1], self.epsilon)

    def first_attention(self, x, layer, lengths, firsts):
        """Attention of first tokens alone, to all tokens."""
        width = x.shape[1]
        everything = linear(x, layer["qkv"])
        q, k, v = everything[firsts, :width], everything[:, width : 2 * width], everything[:, 2 * width :]
        out, row = [], 0
        for at, count, length in runs(lengths):
            keys, values = (
                t[at : at + count * length].view(count, length, self.heads, -1).transpose(1, 2) for t in (k, v)
            )
            asked = q[row : row + count].view(count, 1, self.heads, -1).transpose(1, 2)
            done = F.scaled_dot_product_attention(asked, keys, values, dropout_p=self.dropout)
            out.append(done.transpose(1, 2).reshape(count, -1))
            row += count
        return torch.cat(out)

    def layer(self, x, layer, mixed):
        x = self.normed(x + F.dropout(linear(mixed, layer["out"]), self.dropout), layer["norm1"])
        grown = F.gelu(linear(x, layer["up"]))
        return self.normed(x + F.dropout(linear(grown, layer["down"]), self.dropout), layer["norm2"])

    def loss(self, examples):
        lengths = [len(ids) for ids, _ in examples]
        ids = torch.tensor([i for e, _ in examples for i in e])
        places = torch.cat([torch.arange(n) for n in lengths])
        firsts = torch.tensor([0] + lengths[:-1]).cumsum(0)
        x = F.embedding(ids, self.words) + F.embedding(places, self.positions) + self.types[0]
        x = F.dropout(self.normed(x, self.norm), self.dropout)
        for layer in self.layers[:-1]:
            heads = (self.heads, self.heads)
            x = self.layer(x, layer, attention(linear(x, layer["qkv"]), heads, lengths, self.dropout))
        last = self.layers[-1]
        x = self.layer(x[firsts], last, self.first_attention(x, last, lengths, firsts))
        pooled = F.dropout(torch.tanh(F.linear(x, *self.pooler)), self.dropout)
        return F.cross_entropy(F.linear(pooled, *self.head).float(), torch.tensor([y for _, y in examples]))


class Llama:
    def __init__(self, folder, method):
        config = json.loads((folder / "config.json").read_text())
        torch.manual_seed(0)
        width, inner = config["hidden_size"], config["intermediate_size"]
        self.heads = config["num_attention_heads"], config["num_key_value_heads"]
        size = width // self.heads[0]
        others = self.heads[1] * size
        weights = self.weights = Weights(method)

        def drawn(rows, columns):
            return torch.randn(rows, columns) * 0.02

        self.words = weights.add(drawn(config["vocab_size"], width))
        self.norm = weights.add(torch.ones(width))
        self.layers = [
            dict(
                norm1=weights.add(torch.ones(width)),
                qkv=weights.linear([drawn(width, width), drawn(others, width), drawn(others, width)]),
                out=weights.linear([drawn(width, width)]),
                norm2=weights.add(torch.ones(width)),
                up=weights.linear([drawn(inner, width), drawn(inner, width)]),
                down=weights.linear([drawn(width, inner)]),
            )
            for _ in range(config["num_hidden_layers"])
        ]
        angles = torch.outer(torch.arange(512), 10000 ** (-torch.arange(0, size, 2) / size))
        self.cos, self.sin = (f(torch.cat([angles, angles], -1))[:, None] for f in (torch.cos, torch.sin))

    def rotated(self, qkv, places):
        """Queries and keys turned by their places."""
        queries, others = self.heads
        x = qkv.view(len(places), queries + 2 * others, -1)
        turn, rest = x[:, : queries + others], x[:, queries + others :]
        left, right = turn.chunk(2, -1)
        turn = turn * self.cos[places] + torch.cat([-right, left], -1) * self.sin[places]
        return torch.cat([turn.to(rest.dtype), rest], 1).flatten(1)

    def loss(self, examples):
        lengths = [len(ids) for ids, _ in examples]
        ids = torch.tensor([i for e, _ in examples for i in e])
        places = torch.cat([torch.arange(n) for n in lengths])
        starts = [sum(lengths[:i]) for i in range(len(lengths))]
        wanted = torch.tensor([s + i for s, n, (_, p) in zip(starts, lengths, examples) for i in range(p - 1, n - 1)])
        x = F.embedding(ids, self.words)
        for layer in self.layers:
            qkv = self.rotated(linear(F.rms_norm(x, x.shape[-1:], layer["norm1"], 1e-5), layer["qkv"]), places)
            x = x + linear(attention(qkv, self.heads, lengths, None), layer["out"])
            gate, up = linear(F.rms_norm(x, x.shape[-1:], layer["norm2"], 1e-5), layer["up"]).chunk(2, -1)
            x = x + linear(F.silu(gate) * up, layer["down"])
        hidden = F.rms_norm(x[wanted], x.shape[-1:], self.norm, 1e-5)
        return F.cross_entropy(F.linear(hidden, self.words).float(), ids[wanted + 1])


def encoder_data(options):
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(128)
    with open(options.data, encoding="utf-8", newline="") as file:
        if options.data.suffix == ".csv":
            read = [row[:2] for row in csv.reader(file)][1:]
        else:
            read = [line.rstrip("\r\n").rsplit("\t", 1) for line in file if line.strip()]
    names = sorted({label for _, label in read})
    encoded = tokenizer.encode_batch_fast([text for text, _ in read])
    return [(e.ids, names.index(label)) for e, (_, label) in zip(encoded, read)], len(names)


def decoder_data(options):
    tokenizer = Tokenizer.from_file(str(options.model / "tokenizer.json"))
    end = tokenizer.token_to_id("<|endoftext|>")
    with open(options.data, encoding="utf-8") as file:
        read = [json.loads(line) for line in file]
    prompts = tokenizer.encode_batch_fast([r["question"] + "\n" for r in read])
    answers = tokenizer.encode_batch_fast([r["answer"] for r in read])
    made = [((p.ids + a.ids + [end])[:512], len(p.ids)) for p, a in zip(prompts, answers)]
    return [(ids, prompt) for ids, prompt in made if prompt < len(ids)]


def batches(data, size):
    """Batches of similar length, in random order."""
    draw = random.Random(0)
    draw.shuffle(data)
    made = []
    for at in range(0, len(data), 50 * size):
        part = sorted(data[at : at + 50 * size], key=lambda e: len(e[0]))
        made += [part[i : i + size] for i in range(0, len(part), size)]
    draw.shuffle(made)
    return made


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["encoder", "decoder"])
    parser.add_argument("model", type=Path)
    parser.add_argument("data", type=Path)
    parser.add_argument("--method", choices=["full", "lora"], default="full")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--compile", action="store_true", help="torch.compile the layers between attention")
    parser.add_argument("--steps", type=int, default=120)
    parser.add_argument("--warmup", type=int, default=20)
    options = parser.parse_args()

    if options.task == "encoder":
        data, labels = encoder_data(options)
        model = Bert(options.model, options.method, labels)
    else:
        data = decoder_data(options)
        model = Llama(options.model, options.method)
    if options.compile:
        global linear
        linear = torch.compile(linear, dynamic=True)
        if options.task == "encoder":
            model.layer = torch.compile(model.layer, dynamic=True)
    trained = model.weights.trained
    groups = [{"params": [p for p in trained if p.dim() > 1]}]
    groups.append({"params": [p for p in trained if p.dim() < 2], "weight_decay": 0.0})
    optimizer = torch.optim.AdamW([g for g in groups if g["params"]], lr=5e-5, fused=True)

    work = [0, 0]
    queue = []
    for step in range(options.steps):
        queue = queue or batches(data, BATCH[options.task])
        batch = queue.pop()
        with torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16"):
            loss = model.loss(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        work = [work[0] + len(batch), work[1] + sum(len(ids) for ids, _ in batch)]
        now = time.time_ns(), time.process_time(), work
        if step == 0:
            first = now[0]
        if step + 1 == options.warmup:
            begin = now
    result = dict(
        peer=f"torch {torch.__version__}",
        threads=torch.get_num_threads(),
        examples=now[2][0] - begin[2][0],
        tokens=now[2][1] - begin[2][1],
        wall_seconds=round((now[0] - begin[0]) / 1e9, 3),
        cpu_seconds=round(now[1] - begin[1], 3),
        seconds_to_first_step=round((first - START) / 1e9, 3),
        peak_rss_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        loss=round(loss.item(), 4),
    )
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()

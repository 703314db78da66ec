"""Luthier's random numbers, written out from their papers: SplitMix64 under keys that name a draw.

Numbers that are uniform, permutations and dropout come out the same to the bit; normal ones to the last bit of float32.
"""

import math
import struct

import torch

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15


def mix(z):
    """Stafford's variant 13 of the finaliser of MurmurHash3."""
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & MASK
    z = (z ^ z >> 27) * 0x94D049BB133111EB & MASK
    return z ^ z >> 31


class Key:
    def __init__(self, state):
        self.state = state & MASK

    @staticmethod
    def of(seed):
        return Key(mix(seed + GAMMA & MASK))

    def to(self, *names):
        """The key of a purpose, or of a number, or of one within the other."""
        h = self.state
        for name in names:
            if isinstance(name, str):
                for byte in name.encode():
                    h = mix(h ^ byte) + GAMMA & MASK
                h = mix(h)
            else:
                h = mix(h ^ mix(name + GAMMA & MASK))
        return Key(h)

    def bits(self, i):
        return mix(self.state + (i + 1) * GAMMA & MASK)

    def uniform(self, i):
        return (self.bits(i) >> 11) * 2.0**-53

    def below(self, i, bound):
        return (self.bits(i) >> 1) * 2 * bound >> 64


def permutation(key, n):
    """Fisher and Yates."""
    p = []
    for i in range(n):
        j = key.below(i, i + 1)
        p.append(i)
        p[i], p[j] = p[j], i
    return p


def shaped(values, shape):
    """Rounded to float32, then wide."""
    return torch.tensor(values, dtype=torch.float32).view(shape).double()


def uniform(key, low, high, *shape):
    return shaped([low + (high - low) * key.uniform(i) for i in range(math.prod(shape))], shape)


def normal(key, *shape):
    """Box and Muller 1958."""
    out = []
    for i in range(0, math.prod(shape), 2):
        radius, angle = math.sqrt(-2 * math.log(1 - key.uniform(i))), 2 * math.pi * key.uniform(i + 1)
        out += [radius * math.cos(angle), radius * math.sin(angle)]
    return shaped(out[: math.prod(shape)], shape)


def dropout(keys, rows, width, p):
    """Multipliers of inverted dropout: 16 bits decide about a number, so p is rounded."""
    dropped = math.floor(p * 65536 + 0.5)
    out = []
    for key, n in zip(keys, rows):
        for i in range(n * width):
            bits = key.bits(i // 4) >> 16 * (i % 4) & 0xFFFF
            signed = struct.unpack("<h", struct.pack("<H", bits))[0]
            out.append(65536 / (65536 - dropped) if signed >= dropped - 32768 else 0.0)
    return shaped(out, (sum(rows), width))


TAIL, AREA = 3.654152885361009, 0.00492867323399141


def density(x):
    return math.exp(-x * x / 2)


def layers():
    reach = [AREA / density(TAIL), TAIL]
    while len(reach) < 256:
        reach.append(math.sqrt(-2 * math.log(AREA / reach[-1] + density(reach[-1]))))
    return reach + [0.0]


REACH = layers()


def ziggurat(key, n):
    """Marsaglia and Tsang 2000: the first n standard normal numbers of a row."""
    return shaped([signed_normal(key.bits(i)) for i in range(n)], (n,))


def signed_normal(first):
    more, bits, i = Key.of(first), first, 0
    while True:
        layer = bits & 0xFF
        x = (bits >> 11) * 2.0**-53 * REACH[layer]
        if x < REACH[layer + 1]:
            break
        if layer == 0:
            x = beyond(more.to("tail"))
            break
        low, high = density(REACH[layer]), density(REACH[layer + 1])
        if low + more.uniform(i) * (high - low) < density(x):
            break
        bits, i = more.bits(i + 1), i + 2
    return -x if first & 0x100 else x


def beyond(key):
    """Marsaglia 1964."""
    i = 0
    while True:
        x, y = -math.log(1 - key.uniform(i)) / TAIL, -math.log(1 - key.uniform(i + 1))
        if 2 * y >= x * x:
            return TAIL + x
        i += 2

"""Tables of sixteen entries for instruction sets that look up sixteen lanes at once (AVX-512)."""

import numpy
from mpmath import mp, mpf

from remez import fit, rounded


def float_bits(value):
    return int(numpy.float32(float(value)).view(numpy.uint32))


def bits_float(bits):
    return mpf(float(numpy.uint32(bits).view(numpy.float32)))


def near_exact(start, f, tries=400):
    """A float near `start` whose image under f is nearly a float too, so that rounding it costs nothing."""
    start = numpy.float32(float(start))
    step = numpy.spacing(start)
    candidates = [mpf(float(numpy.float32(start + i * step))) for i in range(-tries, tries)]
    return min(candidates, key=lambda x: abs(1 - rounded(f(x), 24) / f(x)))


def piecewise_table(f, shift, scale, top, slope, degree=5):
    """An odd saturating f on [0, top] by sixteen polynomials of a - base: numbers, tables, relative error.

    The piece of a is given by exponent and two mantissa bits of scale * a + shift, counted modulo 16. In the first
    piece slope * a is added to the polynomial: slope 1 keeps the digits that rounding the linear coefficient would
    lose (tanh does not need it, for there the coefficient is 1).
    """
    scale = mpf(float(numpy.float32(scale)))
    drop = 21
    index, low, rows, worst = float_bits(shift) >> drop, mpf(0), {}, mpf(0)
    while low < top:
        high = min((bits_float((index + 1) << drop) - shift) / scale, mpf(top) + mpf('0.1'))
        base = near_exact((low + high) / 2, f) if low > 0 else mpf(0)
        start = rounded(f(base), 24)
        weight = lambda t: 1 / f(t + base) if t + base > 0 else None
        apart = slope if base == 0 else 0
        c, error = fit(lambda t: f(t + base) - apart * t, weight, low - base, high - base, range(degree + 1), 24,
                       fixed={0: start}, exact=1)
        assert index % 16 not in rows, 'more than sixteen pieces'
        rows[index % 16] = [base] + c
        worst = max(worst, error)
        low, index = high if high < top else mpf(top), index + 1
    # Above the top the value must be 1, no less: the top moves to where the last polynomial is largest.
    value = lambda a: sum(k * (a - base) ** i for i, k in enumerate(c))
    top = max((mpf(top) + (high - mpf(top)) * i / 100 for i in range(101)), key=value)
    top = rounded(top, 24)
    assert abs(value(top) - 1) < mpf(2) ** -27
    entries = [rows.get(i, rows[max(rows)]) for i in range(16)]
    numbers = {'slope': mpf(slope), 'scale': scale, 'shift': mpf(shift), 'top': top}
    tables = {'base': [row[0] for row in entries]}
    for power in range(degree + 1):
        tables[f'c{power}'] = [row[power + 1] for row in entries]
    return numbers, tables, worst


def log_table():
    """log(m) for m in [0.75, 1.5): m times a reciprocal r = 1 + small; the piece is the top four mantissa bits."""
    reciprocals, logs = [], []
    for i in range(16):
        low, high = (1 + mpf(i) / 16, 1 + mpf(i + 1) / 16)
        if i >= 8:
            low, high = low / 2, high / 2
        # Around 1 the logarithm must keep its relative accuracy: there nothing is subtracted.
        r = mpf(1) if i in (0, 15) else near_exact(2 / (low + high), mp.log)
        reciprocals.append(r)
        logs.append(rounded(-mp.log(r), 24) if r != 1 else mpf(0))
    c, error = fit(lambda r: mp.log1p(r) - r, lambda r: 1 / abs(mp.log1p(r)) if r else None,
                   -mpf(1) / 32, mpf(1) / 16, range(2, 6), 24)
    return reciprocals, logs, c, error

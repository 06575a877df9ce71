"""Minimax polynomials by the Remez exchange, with coefficients rounded one after the other."""

from mpmath import mp, mpf, matrix, lu_solve, cos, pi
import numpy

mp.dps = 50


def rounded(value, bits):
    """The nearest number of `bits` significant bits (24: float, 53: double), as an exact mpf."""
    value = mpf(value)
    if value == 0:
        return value
    mantissa, exponent = mp.frexp(value)
    return mp.ldexp(mp.nint(mp.ldexp(mantissa, bits)), exponent - bits)


def evaluate(powers, coefficients, x):
    return sum((c * x**p for p, c in zip(powers, coefficients)), mpf(0))


def remez(f, weight, low, high, powers, rounds=12, grid=300):
    """Coefficients c of sum c_i x^powers[i] that minimise max |weight (f - sum)| on [low, high], and that maximum."""
    # A common factor x^p is divided out: with it the basis vanishes at 0, and the exchange would fail there.
    shift = min(powers)
    low, high = mpf(low), mpf(high)
    count = len(powers) + 1
    middle, half = (low + high) / 2, (high - low) / 2
    points = [middle + half * cos(pi * (2 * i + 1) / (2 * grid)) for i in range(grid)]
    points = [low] + points[::-1] + [high]
    points = [x for x in points if weight(x) and (shift == 0 or x != 0)]
    values = [f(x) / x**shift for x in points]
    weights = [weight(x) * abs(x) ** shift for x in points]
    powers = [p - shift for p in powers]
    chosen = [round((len(points) - 1) * (1 - float(cos(pi * i / (count - 1)))) / 2) for i in range(count)]
    for _ in range(rounds):
        system, right = matrix(count, count), matrix(count, 1)
        for row, index in enumerate(chosen):
            for column, power in enumerate(powers):
                system[row, column] = points[index] ** power
            system[row, count - 1] = (-1) ** row / weights[index]
            right[row] = values[index]
        solution = lu_solve(system, right)
        coefficients = list(solution)[:-1]
        errors = [w * (y - evaluate(powers, coefficients, x)) for x, y, w in zip(points, values, weights)]
        # The largest error of each run of equal sign. Where there are too many, small ones go: an inner one
        # together with a neighbour, so that the signs still alternate.
        size = [abs(e) for e in errors]
        extremes = []
        for index, error in enumerate(errors):
            if extremes and (errors[extremes[-1]] > 0) == (error > 0):
                if size[index] > size[extremes[-1]]:
                    extremes[-1] = index
            else:
                extremes.append(index)
        while len(extremes) > count:
            smallest = min(range(len(extremes)), key=lambda i: size[extremes[i]])
            if 0 < smallest < len(extremes) - 1 and len(extremes) >= count + 2:
                left, right = extremes[smallest - 1], extremes[smallest + 1]
                del extremes[smallest]
                extremes.remove(left if size[left] < size[right] else right)
            else:
                extremes.pop(0 if size[extremes[0]] < size[extremes[-1]] else -1)
        if len(extremes) < count or extremes == chosen:
            break
        chosen = extremes
    return coefficients, max(abs(e) for e in errors)


def fit(f, weight, low, high, powers, bits, fixed=None, exact=2):
    """Rounded coefficients for `powers`, ascending, and the maximum weighted error that remains.

    `fixed` gives coefficients that are not free: {power: value}. The first `exact` free coefficients are
    rounded one by one, and the others fitted again to what that left; the small ones are rounded at the end.
    """
    known = dict(fixed or {})
    free = [p for p in powers if p not in known]
    while free:
        rest = lambda x: f(x) - evaluate(list(known), list(known.values()), x)
        coefficients, _ = remez(rest, weight, low, high, free)
        take = 1 if exact > 0 else len(free)
        exact -= 1
        for power, c in list(zip(free, coefficients))[:take]:
            known[power] = rounded(c, bits)
        free = free[take:]
    result = [known[p] for p in powers]
    error = mpf(0)
    for i in range(2001):
        x = mpf(low) + (mpf(high) - mpf(low)) * i / 2000
        w = weight(x)
        if w is not None:
            error = max(error, abs(w * (f(x) - evaluate(powers, result, x))))
    return result, error


def literal(value, bits):
    """A C++ hexadecimal literal."""
    text = float(value).hex() if bits == 53 else float(numpy.float32(float(value))).hex()
    head, exponent = text.split('p')
    if '.' in head:
        head = head.rstrip('0').rstrip('.')
    return f'{head}p{int(exponent)}' + ('f' if bits == 24 else '')

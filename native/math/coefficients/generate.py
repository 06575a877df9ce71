"""Writes ../coefficients.h: every polynomial and table of the vector math, with its approximation error.

    python3 generate.py        (needs mpmath and numpy; about a minute)
"""

import pathlib
import sys

from mpmath import mp, mpf

from piecewise import log_table, piecewise_table
from remez import fit, literal, rounded

LN2 = mp.log(2)
SINGLE, DOUBLE = 24, 53


def relative(f):
    """The weight of relative error; where f is 0 there is nothing to weigh."""
    return lambda x: 1 / abs(f(x)) if f(x) != 0 else None


def expm1_rest(r):
    """(e^r - 1 - r) / r^2"""
    return (mp.expm1(r) - r) / r**2 if abs(r) > 1e-15 else mpf(1) / 2 + r / 6


def atanh_rest(z):
    """log((1 + s) / (1 - s)) / s - 2 with z = s^2"""
    s = mp.sqrt(z)
    return 2 * mp.atanh(s) / s - 2 if z > 1e-12 else 2 * z / 3


def minus_log_erfc(a):
    return -mp.log(mp.erfc(a))


def erf_rest(u):
    """erf(x) / x - 1 with u = x^2"""
    x = mp.sqrt(u)
    return mp.erf(x) / x - 1 if u > 1e-20 else 2 / mp.sqrt(mp.pi) - 1


def sin_rest(u):
    """(sin(r) - r) / r^3 with u = r^2"""
    r = mp.sqrt(u)
    return (mp.sin(r) - r) / r**3 if u > 1e-10 else mpf(-1) / 6 + u / 120


def cos_rest(u):
    """(cos(r) - 1 + r^2 / 2) / r^4 with u = r^2"""
    return (mp.cos(mp.sqrt(u)) - 1 + u / 2) / u**2 if u > 1e-10 else mpf(1) / 24 - u / 720


def array(name, values, bits, comment, error=None):
    note = f' Error 2^{float(mp.log(error, 2)):.1f}.' if error else ''
    body = ', '.join(literal(v, bits) for v in values)
    kind = 'float' if bits == SINGLE else 'double'
    print(f'{name}: {note or "exact"}', file=sys.stderr)
    return f'  // {comment}{note}\n  alignas(64) static constexpr {kind} {name}[] = {{{body}}};\n'


def number(name, value, bits, comment):
    kind = 'float' if bits == SINGLE else 'double'
    return f'  // {comment}\n  static constexpr {kind} {name} = {literal(rounded(value, bits), bits)};\n'


def split(value, bits, parts):
    """`value` as a sum of numbers: all but the last of few bits each (`parts`), the last one of `bits`."""
    result = []
    for part in parts:
        head = mp.floor(mp.ldexp(value, part - mp.frexp(value)[1])) * mpf(2) ** (mp.frexp(value)[1] - part)
        result.append(head)
        value -= head
    return result + [rounded(value, bits)]


def common(bits):
    """What float and double both have."""
    single = bits == SINGLE
    out = []
    half = LN2 / 2 + mpf(1) / 10000
    powers = range(5 if single else 11)
    c, e = fit(expm1_rest, lambda r: r**2 / mp.exp(r), -half, half, powers, bits)
    out.append(array('expSmall', c, bits, '(e^r - 1 - r) / r^2 for |r| <= ln(2)/2; error relative to e^r.', e))
    powers = range(6 if single else 11)
    c, e = fit(expm1_rest, lambda r: abs(r**2 / mp.expm1(r)) if r else None, -half, half, powers, bits)
    out.append(array('expm1Small', c, bits, '(e^r - 1 - r) / r^2 for |r| <= ln(2)/2; error relative to e^r - 1.', e))
    out.append(number('log2e', 1 / LN2, bits, '1 / ln(2)'))
    # A product with an integer of up to 8 (11) bits is exact in the high part.
    high, low = split(LN2, bits, [16 if single else 42])
    out.append(number('ln2High', high, bits, 'ln(2) = ln2High + ln2Low; ln2High times an exponent is exact.'))
    out.append(number('ln2Low', low, bits, 'See ln2High.'))

    out.append(number('twoOverPi', 2 / mp.pi, bits, '2 / pi'))
    quarter = (mp.pi / 4 + mpf(1) / 100) ** 2
    powers = range(3 if single else 6)
    c, e = fit(sin_rest, lambda u: u * mp.sqrt(u) / mp.sin(mp.sqrt(u)) if u else None, 0, quarter, powers, bits)
    out.append(array('sin', c, bits, '(sin(r) - r) / r^3 in r^2 for |r| <= pi/4; error relative to sin(r).', e))
    c, e = fit(cos_rest, lambda u: u**2 / mp.cos(mp.sqrt(u)), 0, quarter, powers, bits)
    out.append(array('cos', c, bits, '(cos(r) - 1 + r^2/2) / r^4 in r^2 for |r| <= pi/4; error relative to cos(r).', e))

    powers = range(7 if single else 12)
    c, e = fit(erf_rest, lambda u: 1 / (1 + erf_rest(u)), 0, 1, powers, bits)
    out.append(array('erfNear', c, bits, 'erf(x) / x - 1 in x^2 for |x| <= 1; error relative to erf(x).', e))
    top = mpf('3.95') if single else mpf('5.95')
    powers = range(8 if single else 19)
    c, e = fit(lambda t: minus_log_erfc(t + 1), lambda t: mp.erfc(t + 1) / mp.erf(t + 1), 0, top - 1, powers, bits)
    out.append(array('erfFar', c, bits, '-log(erfc(a)) in a - 1 for 1 <= a; error relative to erf(a).', e))
    return out


def only_single():
    out = []
    rest = lambda f: mp.log1p(f) - f + f * f / 2
    c, e = fit(rest, relative(mp.log1p), -0.25, 0.5, range(3, 11), SINGLE)
    out.append(array('log', c, SINGLE, '(log(1 + f) - f + f^2/2) / f^3 for 1 + f in [0.75, 1.5]; '
                     'error relative to log(1 + f).', e))
    rest = lambda e: (mp.log1p(e) - e) / e**2 if e > 1e-12 else mpf(-1) / 2
    weight = lambda w: (w + 0.5) ** 2 / mp.log1p(w + 0.5) if w > -0.5 else None
    c, e = fit(lambda w: rest(w + 0.5), weight, -0.5, 0.5, range(9), SINGLE)
    out.append(array('log1pUnit', c, SINGLE, '(log(1 + e) - e) / e^2 in e - 1/2 for 0 <= e <= 1; error relative to '
                     'log(1 + e).', e))
    for i, part in enumerate(split(mp.pi / 2, SINGLE, [24, 24])):
        out.append(number(f'halfPi{i + 1}', part, SINGLE, 'pi/2 = halfPi1 + halfPi2 + halfPi3'))
    reciprocals, logs, small, e = log_table()
    out.append(array('logReciprocal', reciprocals, SINGLE, 'For m in [0.75, 1.5), by the top four bits of its mantissa: '
                     'about 1 / m.'))
    out.append(array('logOffset', logs, SINGLE, '-log(logReciprocal)'))
    out.append(array('logSmall', small, SINGLE, '(log(1 + r) - r) / r^2 for -1/32 <= r <= 1/16; '
                     'error relative to log(1 + r).', e))
    return out


def pieces(struct, f, shift, scale, top, slope=0):
    """A struct for piecewise.h."""
    numbers, tables, error = piecewise_table(f, shift, scale, top, slope)
    note = f'Relative error 2^{float(mp.log(error, 2)):.1f}.'
    print(f'{struct}: {note}', file=sys.stderr)
    text = '// The piece of a is bits 21 to 24 of scale * a + shift; f(a) = sum c_i (a - base)^i, in the first piece\n'
    text += f'// plus slope * a. {note}\nstruct {struct} {{\n'
    for name, value in numbers.items():
        text += f'  static constexpr float {name} = {literal(value, SINGLE)};\n'
    for name, values in tables.items():
        body = ', '.join(literal(v, SINGLE) for v in values)
        text += f'  alignas(64) static constexpr float {name}[] = {{{body}}};\n'
    return text + '};\n\n'


def only_double():
    out = []
    c, e = fit(atanh_rest, lambda z: 1 / (atanh_rest(z) + 2), 0, mpf(1) / 25, range(1, 8), DOUBLE)
    out.append(array('log', c, DOUBLE, '(log((1 + s) / (1 - s)) / s - 2) / z in z = s^2, for 1 + f in [0.75, 1.5] '
                     'and s = f / (2 + f); error relative to the logarithm.', e))
    c, e = fit(atanh_rest, lambda z: 1 / (atanh_rest(z) + 2), 0, mpf(1) / 9, range(1, 11), DOUBLE)
    out.append(array('log1pUnit', c, DOUBLE, 'The same for 0 <= f <= 1.', e))
    # 33 bits times an integer of 20 bits is exact.
    a, b, c, d = split(mp.pi / 2, DOUBLE, [33, 33, 33])
    for name, value in zip(('halfPi1', 'halfPi2', 'halfPi3', 'halfPi4'), (a, b, c, d)):
        out.append(number(name, value, DOUBLE, 'pi/2 = halfPi1 + halfPi2 + halfPi3 + halfPi4; '
                          'the first three times an integer of 20 bits are exact.'))
    out.append(number('halfPiRest', mp.pi / 2 - a, DOUBLE, 'pi/2 - halfPi1'))
    return out


def two_over_pi_words(count=40):
    """The binary digits of 2/pi after the point, in 32-bit words."""
    mp.dps = 500
    value, words = 2 / mp.pi, []
    for _ in range(count):
        value = mp.ldexp(value, 32)
        words.append(int(mp.floor(value)))
        value -= words[-1]
    mp.dps = 50
    return words


HEAD = '''// Written by coefficients/generate.py; do not edit. Errors are those of the approximation, without rounding.
#pragma once

#include "../simd/isa.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class S> struct Coefficients;

'''


def main():
    text = HEAD
    text += 'template <> struct Coefficients<float> {\n' + '\n'.join(common(SINGLE) + only_single()) + '};\n\n'
    text += 'template <> struct Coefficients<double> {\n' + '\n'.join(common(DOUBLE) + only_double()) + '};\n\n'
    text += pieces('TanhPieces', mp.tanh, 0.5, 0.82, 9.02)
    text += pieces('ErfPieces', mp.erf, 0.5, 1.86, 3.95, slope=1)
    words = ', '.join(f'0x{w:08x}' for w in two_over_pi_words())
    text += '// The binary digits of 2/pi after the point.\n'
    text += f'inline constexpr uint32_t twoOverPiWords[] = {{{words}}};\n\n'
    text += '}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE\n'
    (pathlib.Path(__file__).parent.parent / 'coefficients.h').write_text(text)


main()

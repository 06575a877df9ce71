// Written by coefficients/generate.py; do not edit. Errors are those of the approximation, without rounding.
#pragma once

#include "../simd/isa.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

template <class S> struct Coefficients;

template <> struct Coefficients<float> {
  // (e^r - 1 - r) / r^2 for |r| <= ln(2)/2; error relative to e^r. Error 2^-28.2.
  alignas(64) static constexpr float expSmall[] = {0x1.fffffcp-2f, 0x1.555492p-3f, 0x1.5558acp-5f, 0x1.123978p-7f, 0x1.6a4f7ep-10f};

  // (e^r - 1 - r) / r^2 for |r| <= ln(2)/2; error relative to e^r - 1. Error 2^-31.0.
  alignas(64) static constexpr float expm1Small[] = {0x1p-1f, 0x1.555554p-3f, 0x1.5554f8p-5f, 0x1.1112d6p-7f, 0x1.6d39dcp-10f, 0x1.9e798p-13f};

  // 1 / ln(2)
  static constexpr float log2e = 0x1.715476p0f;

  // ln(2) = ln2High + ln2Low; ln2High times an exponent is exact.
  static constexpr float ln2High = 0x1.62e4p-1f;

  // See ln2High.
  static constexpr float ln2Low = 0x1.7f7d1cp-20f;

  // 2 / pi
  static constexpr float twoOverPi = 0x1.45f306p-1f;

  // (sin(r) - r) / r^3 in r^2 for |r| <= pi/4; error relative to sin(r). Error 2^-27.8.
  alignas(64) static constexpr float sin[] = {-0x1.555544p-3f, 0x1.1106c2p-7f, -0x1.9919cep-13f};

  // (cos(r) - 1 + r^2/2) / r^4 in r^2 for |r| <= pi/4; error relative to cos(r). Error 2^-32.7.
  alignas(64) static constexpr float cos[] = {0x1.55554ap-5f, -0x1.6c0c0ep-10f, 0x1.99db8ap-16f};

  // erf(x) / x - 1 in x^2 for |x| <= 1; error relative to erf(x). Error 2^-29.3.
  alignas(64) static constexpr float erfNear[] = {0x1.06eba8p-3f, -0x1.81273ep-2f, 0x1.ce2ce6p-4f, -0x1.b7f71ep-6f, 0x1.53f258p-8f, -0x1.a3533cp-11f, 0x1.477808p-14f};

  // -log(erfc(a)) in a - 1 for 1 <= a; error relative to erf(a). Error 2^-26.6.
  alignas(64) static constexpr float erfFar[] = {0x1.d97fcp0f, 0x1.51c98p1f, 0x1.afb83p-1f, 0x1.500c86p-5f, -0x1.1c7daep-7f, 0x1.7bd42p-12f, 0x1.5095a4p-11f, -0x1.6ce54ap-13f};

  // (log(1 + f) - f + f^2/2) / f^3 for 1 + f in [0.75, 1.5]; error relative to log(1 + f). Error 2^-27.5.
  alignas(64) static constexpr float log[] = {0x1.5555a4p-2f, -0x1.00004ap-2f, 0x1.99699ep-3f, -0x1.54ed98p-3f, 0x1.28807ap-3f, -0x1.0d98e2p-3f, 0x1.acf454p-4f, -0x1.71e2ap-5f};

  // (log(1 + e) - e) / e^2 in e - 1/2 for 0 <= e <= 1; error relative to log(1 + e). Error 2^-26.9.
  alignas(64) static constexpr float log1pUnit[] = {-0x1.833704p-2f, 0x1.6f0d78p-3f, -0x1.7de15ap-4f, 0x1.a28484p-5f, -0x1.d958a4p-6f, 0x1.10e2b6p-6f, -0x1.507152p-7f, 0x1.c7daeap-8f, -0x1.9fca82p-9f};

  // pi/2 = halfPi1 + halfPi2 + halfPi3
  static constexpr float halfPi1 = 0x1.921fb4p0f;

  // pi/2 = halfPi1 + halfPi2 + halfPi3
  static constexpr float halfPi2 = 0x1.4442dp-24f;

  // pi/2 = halfPi1 + halfPi2 + halfPi3
  static constexpr float halfPi3 = 0x1.84698ap-48f;

  // For m in [0.75, 1.5), by the top four bits of its mantissa: about 1 / m.
  alignas(64) static constexpr float logReciprocal[] = {0x1p0f, 0x1.d41d3ep-1f, 0x1.bacf8cp-1f, 0x1.a41a42p-1f, 0x1.8f9c16p-1f, 0x1.7d02d4p-1f, 0x1.6c19ep-1f, 0x1.5c9b98p-1f, 0x1.4e5f7ep0f, 0x1.413e28p0f, 0x1.352496p0f, 0x1.29e368p0f, 0x1.1f734p0f, 0x1.15aec6p0f, 0x1.0c9956p0f, 0x1p0f};

  // -log(logReciprocal)
  alignas(64) static constexpr float logOffset[] = {0x0p0f, 0x1.6f0d4ap-4f, 0x1.295548p-3f, 0x1.9525a8p-3f, 0x1.fb9196p-3f, 0x1.2e9692p-2f, 0x1.5d1316p-2f, 0x1.899a2ap-2f, -0x1.117d5ap-2f, -0x1.d0efbep-3f, -0x1.824e78p-3f, -0x1.365b36p-3f, -0x1.da9cc6p-4f, -0x1.4d02fep-4f, -0x1.898f6p-5f, 0x0p0f};

  // (log(1 + r) - r) / r^2 for -1/32 <= r <= 1/16; error relative to log(1 + r). Error 2^-28.3.
  alignas(64) static constexpr float logSmall[] = {-0x1p-1f, 0x1.555836p-2f, -0x1.001316p-2f, 0x1.825cd6p-3f};
};

template <> struct Coefficients<double> {
  // (e^r - 1 - r) / r^2 for |r| <= ln(2)/2; error relative to e^r. Error 2^-62.8.
  alignas(64) static constexpr double expSmall[] = {0x1p-1, 0x1.555555555555ap-3, 0x1.5555555555531p-5, 0x1.111111110f161p-7, 0x1.6c16c16c2724p-10, 0x1.a01a01b1e789ap-13, 0x1.a01a01513ed12p-16, 0x1.71ddf37f871ep-19, 0x1.27e5904d0a147p-22, 0x1.af66ca2d3c815p-26, 0x1.1e612f99a018ap-29};

  // (e^r - 1 - r) / r^2 for |r| <= ln(2)/2; error relative to e^r - 1. Error 2^-61.1.
  alignas(64) static constexpr double expm1Small[] = {0x1p-1, 0x1.5555555555559p-3, 0x1.5555555555558p-5, 0x1.111111110f70dp-7, 0x1.6c16c16c16e4fp-10, 0x1.a01a01af9cc73p-13, 0x1.a01a019c2d4cap-16, 0x1.71ddf932c9e8bp-19, 0x1.27e4fd4fb6eedp-22, 0x1.af5d1835fdd29p-26, 0x1.1f3217edcc82cp-29};

  // 1 / ln(2)
  static constexpr double log2e = 0x1.71547652b82fep0;

  // ln(2) = ln2High + ln2Low; ln2High times an exponent is exact.
  static constexpr double ln2High = 0x1.62e42fefa38p-1;

  // See ln2High.
  static constexpr double ln2Low = 0x1.ef35793c7673p-45;

  // 2 / pi
  static constexpr double twoOverPi = 0x1.45f306dc9c883p-1;

  // (sin(r) - r) / r^3 in r^2 for |r| <= pi/4; error relative to sin(r). Error 2^-57.7.
  alignas(64) static constexpr double sin[] = {-0x1.5555555555546p-3, 0x1.111111110f3ffp-7, -0x1.a01a019b80b41p-13, 0x1.71de34f8f9458p-19, -0x1.ae5e02462742fp-26, 0x1.5d75d9cd806dp-33};

  // (cos(r) - 1 + r^2/2) / r^4 in r^2 for |r| <= pi/4; error relative to cos(r). Error 2^-63.7.
  alignas(64) static constexpr double cos[] = {0x1.5555555555549p-5, -0x1.6c16c16c14bc7p-10, 0x1.a01a019c23a15p-16, -0x1.27e4f7a3b9fd1p-22, 0x1.1ee9a6b5c14bcp-29, -0x1.8f8ae929ae49ap-37};

  // erf(x) / x - 1 in x^2 for |x| <= 1; error relative to erf(x). Error 2^-55.6.
  alignas(64) static constexpr double erfNear[] = {0x1.06eba8214db68p-3, -0x1.812746b03799dp-2, 0x1.ce2f21a03f8b8p-4, -0x1.b82ce311a9708p-6, 0x1.565bcceed77bdp-8, -0x1.c02daeb66d4ebp-11, 0x1.f9a296a1dd603p-14, -0x1.f4c82d9c59d43p-17, 0x1.b96b46d072e58p-20, -0x1.5b8bf5b9caa7cp-23, 0x1.d3d9ff5c49d22p-27, -0x1.a231caf7bb908p-31};

  // -log(erfc(a)) in a - 1 for 1 <= a; error relative to erf(a). Error 2^-58.5.
  alignas(64) static constexpr double erfFar[] = {0x1.d97fbf27aa2a1p0, 0x1.51c9b0006c244p1, 0x1.afabc11a28a79p-1, 0x1.5477f09cf2c55p-5, -0x1.48c9d41387cf7p-7, 0x1.033f69c3d63fcp-9, -0x1.f1b49b3c7a307p-13, -0x1.b8c5fe549e0b4p-16, 0x1.c7751e7b5cf58p-16, -0x1.41d5ac30c648cp-17, 0x1.11df761400ddbp-19, -0x1.10ddb91062aa6p-23, -0x1.cc89cc85955b4p-24, 0x1.e4b304f5e65fcp-25, -0x1.1912ef731df5p-26, 0x1.b815336b3d805p-29, -0x1.cec5c5bf46bd2p-32, 0x1.289930f198d3ap-35, -0x1.5e8ac2bbc94dp-40};

  // (log((1 + s) / (1 - s)) / s - 2) / z in z = s^2, for 1 + f in [0.75, 1.5] and s = f / (2 + f); error relative to the logarithm. Error 2^-55.9.
  alignas(64) static constexpr double log[] = {0x1.5555555555773p-1, 0x1.99999998f16d7p-2, 0x1.249249b1b61d3p-2, 0x1.c71c01a379249p-3, 0x1.7474d96a8eec6p-3, 0x1.3853843fd7608p-3, 0x1.3ab93b5bf8da4p-3};

  // The same for 0 <= f <= 1. Error 2^-59.4.
  alignas(64) static constexpr double log1pUnit[] = {0x1.5555555555535p-1, 0x1.99999999a0754p-2, 0x1.249249208c2e3p-2, 0x1.c71c741c8b2c3p-3, 0x1.745cb3fca0446p-3, 0x1.3b1ddbbe22094p-3, 0x1.1067c10d72d83p-3, 0x1.efd88f0cec9ebp-4, 0x1.55afd1cfaac92p-4, 0x1.5c7a268b9c1b2p-3};

  // pi/2 = halfPi1 + halfPi2 + halfPi3 + halfPi4; the first three times an integer of 20 bits are exact.
  static constexpr double halfPi1 = 0x1.921fb544p0;

  // pi/2 = halfPi1 + halfPi2 + halfPi3 + halfPi4; the first three times an integer of 20 bits are exact.
  static constexpr double halfPi2 = 0x1.0b4611a6p-34;

  // pi/2 = halfPi1 + halfPi2 + halfPi3 + halfPi4; the first three times an integer of 20 bits are exact.
  static constexpr double halfPi3 = 0x1.3198a2ep-69;

  // pi/2 = halfPi1 + halfPi2 + halfPi3 + halfPi4; the first three times an integer of 20 bits are exact.
  static constexpr double halfPi4 = 0x1.b839a252049c1p-104;

  // pi/2 - halfPi1
  static constexpr double halfPiRest = 0x1.0b4611a626331p-34;
};

// The piece of a is bits 21 to 24 of scale * a + shift; f(a) = sum c_i (a - base)^i, in the first piece
// plus slope * a. Relative error 2^-25.5.
struct TanhPieces {
  static constexpr float slope = 0x0p0f;
  static constexpr float scale = 0x1.a3d70ap-1f;
  static constexpr float shift = 0x1p-1f;
  static constexpr float top = 0x1.23d70ap3f;
  alignas(64) static constexpr float base[] = {0x1.112e72p1f, 0x1.5f388cp1f, 0x1.ad420ap1f, 0x1.fb51b6p1f, 0x1.38322p2f, 0x1.863b5p2f, 0x1.d447cep2f, 0x1.10c2eep3f, 0x0p0f, 0x1.d44da6p-3f, 0x1.863e64p-2f, 0x1.112aa6p-1f, 0x1.863c62p-1f, 0x1.112d2p0f, 0x1.5f37p0f, 0x1.ad4318p0f};
  alignas(64) static constexpr float c0[] = {0x1.f1dbcep-1f, 0x1.fbc806p-1f, 0x1.fec004p-1f, 0x1.ffa16cp-1f, 0x1.fff0dp-1f, 0x1.fffeacp-1f, 0x1.ffffe2p-1f, 0x1.fffffep-1f, 0x0p0f, 0x1.cc4ef4p-3f, 0x1.74635p-2f, 0x1.f3c996p-2f, 0x1.48e344p-1f, 0x1.93a478p-1f, 0x1.c21d96p-1f, 0x1.dd6986p-1f};
  alignas(64) static constexpr float c1[] = {0x1.be465ap-5f, 0x1.0ce1cep-6f, 0x1.3f981cp-8f, 0x1.7a2d32p-10f, 0x1.e604e8p-13f, 0x1.535caep-16f, 0x1.d9b596p-20f, 0x1.52616ep-23f, 0x1p0f, 0x1.e622a2p-1f, 0x1.bc49e8p-1f, 0x1.86089p-1f, 0x1.2cbc6cp-1f, 0x1.8390c4p-2f, 0x1.d127fp-3f, 0x1.0b5b2ep-3f};
  alignas(64) static constexpr float c2[] = {-0x1.b1eeaep-5f, -0x1.0aa1fep-6f, -0x1.3ec3a4p-8f, -0x1.79d746p-10f, -0x1.e494d4p-13f, -0x1.4b8286p-16f, -0x1.94d8a8p-20f, -0x1.3df8dp-21f, 0x1.c0562p-21f, -0x1.b50da4p-3f, -0x1.4323acp-2f, -0x1.7cbac8p-2f, -0x1.825c6ap-2f, -0x1.318c18p-2f, -0x1.98f052p-3f, -0x1.f297d8p-4f};
  alignas(64) static constexpr float c3[] = {0x1.113a12p-5f, 0x1.5da642p-7f, 0x1.a6f1dp-9f, 0x1.f70e76p-11f, 0x1.42ec72p-13f, 0x1.c3f2f2p-17f, 0x1.3b8bd2p-20f, 0x1.cb8308p-24f, -0x1.55622ap-2f, -0x1.12fc36p-2f, -0x1.6562d2p-3f, -0x1.28c834p-4f, 0x1.7d7c7p-5f, 0x1.bec5bep-4f, 0x1.98ed24p-4f, 0x1.1ead1p-4f};
  alignas(64) static constexpr float c4[] = {-0x1.e6680ep-7f, -0x1.56b6dcp-8f, -0x1.a9b564p-10f, -0x1.fe45b6p-12f, -0x1.5aac64p-14f, -0x1.17f9ep-17f, -0x1.5f3a6ep-20f, 0x1.38c80cp-20f, 0x1.be8454p-11f, 0x1.0c3eb2p-3f, 0x1.58562ep-3f, 0x1.459676p-3f, 0x1.88ac42p-4f, 0x1.cda288p-7f, -0x1.559bd6p-6f, -0x1.92c9bep-6f};
  alignas(64) static constexpr float c5[] = {0x1.20aee8p-8f, 0x1.fd47eap-10f, 0x1.4d6a78p-11f, 0x1.95b056p-13f, 0x1.14d3c8p-15f, 0x1.7cf24ap-19f, 0x1.0a407p-22f, 0x1.7ce072p-26f, 0x1.06edb4p-3f, 0x1.513282p-4f, 0x1.234e24p-6f, -0x1.2be4d8p-5f, -0x1.0362ep-4f, -0x1.3cefaap-5f, -0x1.42a886p-7f, 0x1.4517d8p-9f};
};

// The piece of a is bits 21 to 24 of scale * a + shift; f(a) = sum c_i (a - base)^i, in the first piece
// plus slope * a. Relative error 2^-25.1.
struct ErfPieces {
  static constexpr float slope = 0x1p0f;
  static constexpr float scale = 0x1.dc28f6p0f;
  static constexpr float shift = 0x1p-1f;
  static constexpr float top = 0x1.fc566ap1f;
  alignas(64) static constexpr float base[] = {0x1.e1b7c6p-1f, 0x1.35adf6p0f, 0x1.7a7ecep0f, 0x1.bf5076p0f, 0x1.1341fp1f, 0x1.58173p1f, 0x1.9ce828p1f, 0x1.e1b54ep1f, 0x0p0f, 0x1.9ce54ap-4f, 0x1.58180ap-3f, 0x1.e1b9eep-3f, 0x1.58158p-2f, 0x1.e1bb0ep-2f, 0x1.35ae1cp-1f, 0x1.7a7e72p-1f};
  alignas(64) static constexpr float c0[] = {0x1.a22282p-1f, 0x1.d36426p-1f, 0x1.ed4b26p-1f, 0x1.f91a6ap-1f, 0x1.fecb24p-1f, 0x1.ffed2ap-1f, 0x1.ffff56p-1f, 0x1.fffffcp-1f, 0x0p0f, 0x1.d0545ep-4f, 0x1.80a54ap-3f, 0x1.0adaccp-2f, 0x1.762066p-2f, 0x1.fa00aap-2f, 0x1.371fp-1f, 0x1.688b08p-1f};
  alignas(64) static constexpr float c1[] = {0x1.dcc682p-2f, 0x1.0b71f6p-2f, 0x1.03addap-3f, 0x1.b466d4p-5f, 0x1.6ab098p-7f, 0x1.ae298ep-11f, 0x1.1e6ba8p-15f, 0x1.abdfaap-21f, 0x1.06eba8p-3f, 0x1.1df1d2p0f, 0x1.18d322p0f, 0x1.115126p0f, 0x1.020602p0f, 0x1.cf07dp-1f, 0x1.90b91cp-1f, 0x1.4e7ecp-1f};
  alignas(64) static constexpr float c2[] = {-0x1.c0938ap-2f, -0x1.438702p-2f, -0x1.7ff0ccp-3f, -0x1.7d45bp-4f, -0x1.85e74ap-6f, -0x1.20813cp-9f, -0x1.caf8f8p-14f, -0x1.28d072p-20f, 0x1.f57dc8p-22f, -0x1.cd313ep-4f, -0x1.797622p-3f, -0x1.0127fep-2f, -0x1.5acdb8p-2f, -0x1.b3a7e8p-2f, -0x1.e4bfe4p-2f, -0x1.ee8c54p-2f};
  alignas(64) static constexpr float c3[] = {0x1.e9ba5ep-4f, 0x1.5785e8p-3f, 0x1.23e014p-3f, 0x1.73682p-4f, 0x1.f2c84ap-6f, 0x1.e1bb7p-9f, 0x1.d67f8cp-13f, 0x1.e55b88p-18f, -0x1.813082p-2f, -0x1.758b28p-2f, -0x1.61413p-2f, -0x1.4433b2p-2f, -0x1.0a541ep-2f, -0x1.581dd2p-3f, -0x1.1eb9d6p-4f, 0x1.4bb9e4p-6f};
  alignas(64) static constexpr float c4[] = {0x1.6f7e7p-4f, 0x1.1d773cp-8f, -0x1.5b0b02p-5f, -0x1.88e7e8p-5f, -0x1.997a68p-6f, -0x1.20bc76p-8f, -0x1.767bd2p-12f, -0x1.5178bcp-15f, 0x1.bffa98p-11f, 0x1.c93e38p-5f, 0x1.72d2dep-4f, 0x1.ef0ec8p-4f, 0x1.4040cp-3f, 0x1.72c30ep-3f, 0x1.6e015ap-3f, 0x1.3a0bc2p-3f};
  alignas(64) static constexpr float c5[] = {-0x1.1acc22p-4f, -0x1.aaebd8p-5f, -0x1.1fed5p-6f, 0x1.9a372p-8f, 0x1.88265cp-7f, 0x1.ccedd6p-9f, 0x1.8f09dep-12f, 0x1.376ed2p-16f, 0x1.b33f8ap-4f, 0x1.04a33ep-3f, 0x1.2d548cp-4f, 0x1.3b14b8p-3f, 0x1.c3edep-5f, 0x1.162b16p-6f, -0x1.6f362cp-6f, -0x1.a5a506p-5f};
};

// The binary digits of 2/pi after the point.
inline constexpr uint32_t twoOverPiWords[] = {0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20, 0x9af4361d};

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE

// Philox against its published known answers (Random123, kat_vectors), the draws against src/random.
#pragma once

#include <vector>

#include "../../random/draws.h"
#include "check.h"
#include "draws-golden.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

inline void testPhilox() {
  struct Answer {
    uint32_t counter[4], key[2], words[4];
  };
  const Answer answers[] = {
      {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
      {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
       {0xffffffff, 0xffffffff},
       {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
      {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
       {0xa4093822, 0x299f31d0},
       {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
  };
  for (const Answer& answer : answers) {
    for (int lane = 0; lane < lanes<U64>; lane++) {  // the other lanes hold other counters
      PhiloxBlock counter{{iota<U64>(), iota<U64>() * 3, iota<U64>() + 7, iota<U64>()}};
      for (int word = 0; word < 4; word++) counter.words[word][lane] = answer.counter[word];
      const PhiloxBlock block = philox4x32(counter, answer.key[0], answer.key[1]);
      for (int word = 0; word < 4; word++) {
        check(block.words[word][lane] == answer.words[word], "philox word %d, lane %d: %llx, expected %x",
              word, lane, (unsigned long long)block.words[word][lane], answer.words[word]);
      }
    }
  }
}

inline double doubleOf(uint64_t pattern) {
  double value;
  std::memcpy(&value, &pattern, sizeof(value));
  return value;
}

template <class S> void testDraws() {
  for (const GoldenDraw& golden : goldenDraws) {
    // As draw number `back` of a longer fill, so that it stands in every lane and behind full vectors.
    for (size_t back = 0; back < 19 && back <= golden.index; back++) {
      Buffer<S> uniforms(back + 1, sizeof(S)), normals(back + 1, sizeof(S)), signs(back + 1, sizeof(S));
      fillUniform<S>(uniforms.data(), back + 1, golden.seed, golden.stream, golden.index - back);
      fillNormal<S>(normals.data(), back + 1, golden.seed, golden.stream, golden.index - back);
      fillRademacher<S>(signs.data(), back + 1, golden.seed, golden.stream, golden.index - back);
      const double largest = sizeof(S) == 4 ? 1 - 0x1p-24 : 1;
      const bool same = sameBits(uniforms[back], S(std::fmin(doubleOf(golden.uniform), largest))) &&
                        sameBits(normals[back], S(doubleOf(golden.normal))) &&
                        signs[back] == golden.rademacher;
      check(same, "draw %llu of stream %llu, seed %llu, %zu back: %s uniform %a normal %a sign %g",
            (unsigned long long)golden.index, (unsigned long long)golden.stream,
            (unsigned long long)golden.seed, back, precisionName<S>, double(uniforms[back]),
            double(normals[back]), double(signs[back]));
      check(uniforms.intact() && normals.intact() && signs.intact(), "a fill wrote outside its buffer");
    }
  }
}

// Narrowed to single precision, this draw would be 1, which the open interval does not hold.
inline void testLargestUniform() {
  float single;
  double uniform;
  fillUniform<float>(&single, 1, 0, 0, 38471471);
  fillUniform<double>(&uniform, 1, 0, 0, 38471471);
  check(float(uniform) == 1.0f && single == 1 - 0x1p-24f, "the largest uniforms are %a and %a", single,
        uniform);
}

// The normals' first four moments, each within five standard errors.
inline void testMoments() {
  constexpr size_t n = 200000;
  std::vector<double> z(n);
  fillNormal<double>(z.data(), n, 11, 5, 0);
  double moments[5] = {};
  for (double value : z) {
    double power = 1;
    for (double& moment : moments) moment += power / n, power *= value;
  }
  const double expected[] = {1, 0, 1, 0, 3}, variance[] = {0, 1, 2, 15, 96};
  for (int m = 1; m < 5; m++) {
    check(std::fabs(moments[m] - expected[m]) < 5 * std::sqrt(variance[m] / n),
          "moment %d of the normals is %g", m, moments[m]);
  }
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE

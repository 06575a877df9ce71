// Draws that src/random/draws.ts gives: seed, stream, index, the bits of the uniform and of the normal, and
// the Rademacher draw.
#pragma once

#include <cstdint>

namespace liouville {

struct GoldenDraw {
  uint64_t seed, stream, index, uniform, normal;
  int rademacher;
};

inline constexpr GoldenDraw goldenDraws[] = {
    {0u, 0u, 0u, 0x3fd989fa3e169c5a, 0xbfbf1bcc711a5dff, 1},
    {1u, 3u, 1u, 0x3fd5f744bba17172, 0xbff6ebee48346639, 1},
    {7u, 1099511627793u, 2u, 0x3feb385d450a9981, 0xbfc135647f2bc177, -1},
    {4294967301u, 9007199254740991u, 3u, 0x3fec7049a6084cb7, 0xbfceecc629f79138, -1},
    {9007199254740991u, 0u, 12345u, 0x3fd7ac069499d1d2, 0xbfe1d924adb08282, 1},
    {0u, 3u, 4294967295u, 0x3feecbec312d8123, 0xbfbc731b692c46ae, -1},
    {1u, 1099511627793u, 4294967296u, 0x3fce19c9dc6f1504, 0xbffad7c401932264, 1},
    {7u, 9007199254740991u, 9007199254740991u, 0x3fe621c0874763c3, 0x3fe809de18287501, -1},
    {1u, 0u, 638336u, 0x3fe5604ea3127133, 0xbfe11dee582bb124, -1},
    {1u, 0u, 597568u, 0x3fe381a6b52af8ed, 0x3fbcc687870c61b9, -1},
    {4294967301u, 0u, 294848u, 0x3fc10d28af51f94c, 0xbfd94b442b3d2b2f, 1},
    {4294967301u, 0u, 128u, 0x3fbc28e13eb91138, 0x3ffb0ae65989fe60, 1},
    {0u, 0u, 449280u, 0x3fd05d765ac43a96, 0xbfe04e7a08a6d58d, 1},
    {1u, 0u, 7808u, 0x3fd50c58a93634d2, 0x3ff77c8bc6c14feb, 1},
    {4294967301u, 0u, 952768u, 0x3fc1288dab9d72ec, 0x3fd7a92b7bbb4e9f, 1},
    {4294967301u, 0u, 927360u, 0x3fe8e9465bc17c39, 0xbfe2516336865cd4, -1},
    {0u, 0u, 399808u, 0x3fe55cd5ee0b62c1, 0xbfe5b3c4fbb4c0fc, -1},
    {0u, 0u, 830784u, 0x3fea2d93623e426f, 0xbfc71e7166bd8831, -1},
    {9007199254740991u, 0u, 143296u, 0x3fe8f157785b8ad1, 0xbfe318ee40d78d06, -1},
    {0u, 0u, 513920u, 0x3fed4b935e891755, 0xbfd52f818813a592, -1},
    {7u, 0u, 115328u, 0x3fd7230bcedb35ca, 0x3fe622450c2bb25e, 1},
    {7u, 0u, 823360u, 0x3fec8057b6d6a4d5, 0xbfdcc29405502641, -1},
    {1u, 0u, 950528u, 0x3fd9c96ace48c90a, 0xbfe57128af3f86be, 1},
    {9007199254740991u, 0u, 796480u, 0x3fec1a1a4540b423, 0xbfdf4f1e2b20d0f9, -1},
    {9007199254740991u, 0u, 166656u, 0x3fe09fedbc1f58bb, 0xbfec5e8bc88db864, -1},
    {0u, 0u, 178624u, 0x3fda6bea99a4b282, 0xbff4cd487a39d95e, 1},
    {7u, 0u, 866296u, 0x3fb2367a36c776b8, 0x3ff4b6ea6196e38f, 1},
    {0u, 0u, 729728u, 0x3fe64f87864d6771, 0x3fd7757bf829fde0, -1},
    {0u, 0u, 936128u, 0x3fe32bde6682d11f, 0xbfef70821175e2e4, -1},
    {9007199254740991u, 0u, 1720u, 0x3fb373383fd6ba28, 0x3fd2cc55e9b1f139, 1},
    {7u, 0u, 250368u, 0x3f9ce41f9f848fa0, 0x3fff2b60e859475c, 1},
    {9007199254740991u, 0u, 349568u, 0x3fe10c4bcaae937b, 0xbff1ebf26c4a41c3, -1},
};

}  // namespace liouville

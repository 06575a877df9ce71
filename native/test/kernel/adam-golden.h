// Three steps of src/train/adam.ts (learning rate 0.05, the defaults otherwise), gradients longer than 1
// shortened by src/train/clip.ts.
#pragma once

namespace liouville {

struct AdamGoldenStep {
  double gradient[4], norm, parameters[4];
};

struct AdamGolden {
  double start[4];
  AdamGoldenStep steps[3];
};

inline constexpr AdamGolden adamGolden = {
    {0x1.3333333333333p-2, -0x1.3333333333333p0, 2.0, 0x1.0624dd2f1a9fcp-10},
    {
        {{0x1.999999999999ap-4, -0x1.999999999999ap-3, 0x1.3333333333333p-2, 0x1.4f8b588e368f1p-17},
         0x1.7f254dade87a7p-2,
         {0x1.00000055e63afp-2, -0x1.26666671232ddp0, 0x1.f333333a5bb82p0, -0x1.90ffb1f589785p-5}},
        {{3.0, 4.0, -0x1.6666666666666p-1, 2.0},
         0x1.5b8cd055ea484p2,
         {0x1.a8cd555f65a44p-3, -0x1.2d5898a1ce503p0, 0x1.ef1511470e868p0, -0x1.60e7000a1a216p-4}},
        {{-0x1.999999999999ap-2, 0x1.47ae147ae147bp-7, 0x1.999999999999ap-3, -0x1.3333333333333p-2},
         0x1.13c499d0b4422p-1,
         {0x1.97e2f84ec0b47p-3, -0x1.32d277773bf5dp0, 0x1.e81849e01106dp0, -0x1.6992a075ffe08p-4}},
    },
};

}  // namespace liouville

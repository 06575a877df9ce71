#!/bin/sh
# Builds and runs the benchmark of the vector math (x86-64): build-and-run.sh [ROUNDS]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
functions=$here/../../test/ulp/functions.cpp
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cxx=${CXX:-g++}
flags="-std=c++20 -O3 -Wall -Wextra -Wno-psabi -ffp-contract=off -fno-math-errno -fno-trapping-math \
  -fno-exceptions -fno-rtti"
wide="-mavx2 -mfma -mavx512f -mavx512dq -mavx512vl -mavx512bw"
$cxx $flags -c "$functions" -o "$build/baseline.o"
$cxx $flags -mavx2 -mfma -c "$functions" -o "$build/avx2.o"
$cxx $flags $wide -c "$functions" -o "$build/avx512.o"
$cxx $flags $wide -c "$here/libmvec.cpp" -o "$build/libmvec.o"
$cxx -std=c++20 -O2 -Wall -Wextra "$here/main.cpp" "$here/libm.cpp" "$here/../../test/ulp/available.cpp" \
  "$build"/*.o -lmvec -o "$build/bench"
"$build/bench" "$@"

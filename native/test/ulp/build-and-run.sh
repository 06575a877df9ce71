#!/bin/sh
# Builds the accuracy test for every instruction set of this machine's kind and runs it.
#   build-and-run.sh [--exhaustive | --stride N] [--doubles N] [--function NAME]
set -e
here=$(cd "$(dirname "$0")" && pwd)
out=${OUT:-$here/../../../build/ulp}
mkdir -p "$out"
cxx=${CXX:-g++}
flags="-std=c++20 -O2 -Wall -Wextra -Wno-psabi -ffp-contract=off -fno-math-errno -fno-trapping-math \
  -fno-exceptions -fno-rtti"

if [ "$(uname -m)" = x86_64 ]; then
  $cxx $flags -c "$here/functions.cpp" -o "$out/baseline.o"
  $cxx $flags -mavx2 -mfma -c "$here/functions.cpp" -o "$out/avx2.o"
  $cxx $flags -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma -c "$here/functions.cpp" -o "$out/avx512.o"
  objects="$out/baseline.o $out/avx2.o $out/avx512.o"
else
  $cxx $flags -c "$here/functions.cpp" -o "$out/native.o"
  objects=$out/native.o
fi
$cxx -std=c++20 -O2 -Wall -Wextra "$here/ulp.cpp" "$here/available.cpp" $objects -o "$out/ulp"
exec "$out/ulp" "$@"

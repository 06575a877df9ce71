#!/bin/sh
# Builds and runs the kernel benchmark: build-and-run.sh [layers|tiles] [instruction set ...]. Without an
# instruction set: the widest of this processor.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
what=${1:-layers}
[ $# -eq 0 ] || shift
widest=baseline
if grep -qw avx2 /proc/cpuinfo; then widest=avx2; fi
if grep -qw avx512dq /proc/cpuinfo; then widest=avx512; fi
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
for isa in ${*:-$widest}; do
  case $isa in
    baseline) target= ;;
    avx2) target="-mavx2 -mfma" ;;
    avx512) target="-mavx2 -mfma -mavx512f -mavx512dq -mavx512vl -mavx512bw" ;;
    *) echo "unknown instruction set: $isa" >&2; exit 2 ;;
  esac
  # shellcheck disable=SC2086
  ${CXX:-g++} -std=c++20 -O3 -Wall -Wextra -Wno-psabi -ffp-contract=off -fno-math-errno -fno-trapping-math \
    $target "$here/main.cpp" -o "$build/$isa"
  "$build/$isa" "$what"
done

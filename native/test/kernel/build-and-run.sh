#!/bin/sh
# Builds and runs the kernel tests for every instruction set of this processor (or for those named as
# arguments). SANITIZE=1 adds AddressSanitizer and UndefinedBehaviorSanitizer.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
flags="-std=c++20 -O3 -Wall -Wextra -Wno-psabi -ffp-contract=off -fno-math-errno -fno-trapping-math"
[ "${SANITIZE:-0}" = 0 ] || flags="$flags -fsanitize=address,undefined -fno-sanitize-recover=undefined"
status=0
for isa in ${*:-baseline avx2 avx512}; do
  case $isa in
    baseline) target= needs=sse2 ;;
    avx2) target="-mavx2 -mfma" needs="avx2 fma" ;;
    avx512)
      target="-mavx2 -mfma -mavx512f -mavx512dq -mavx512vl -mavx512bw"
      needs="avx512f avx512dq avx512vl avx512bw"
      ;;
    *) echo "unknown instruction set: $isa" >&2; exit 2 ;;
  esac
  missing=
  for feature in $needs; do grep -qw "$feature" /proc/cpuinfo || missing="$missing $feature"; done
  if [ -n "$missing" ]; then echo "$isa: skipped, this processor lacks$missing"; continue; fi
  # shellcheck disable=SC2086
  ${CXX:-g++} $flags $target "$here/main.cpp" -o "$build/$isa"
  "$build/$isa" || status=1
done
exit $status

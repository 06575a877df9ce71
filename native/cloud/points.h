// The points of a cloud in planes: coordinate k of point j at [k * stride + j], so that lanes hold points.
#pragma once

#include "../simd/vec.h"

namespace liouville::LIOUVILLE_ISA_NAMESPACE {

// Row-major: coordinate k of point i at data[i * dim + k].
struct Points {
  const double* data;
  ptrdiff_t count;
  ptrdiff_t dim;
};

// `count` rounded up to a multiple of 16, the most lanes that there are: planes begin at whole vectors of any kind.
inline ptrdiff_t paddedPoints(ptrdiff_t count) { return (count + 15) / 16 * 16; }

// Fills the planes with (x - shift[k]) * scale; places behind the last point repeat it.
template <class S> void fillPlanes(const Points& points, const double* shift, double scale, S* planes) {
  const ptrdiff_t stride = paddedPoints(points.count);
  for (ptrdiff_t k = 0; k < points.dim; k++) {
    const double from = shift == nullptr ? 0 : shift[k];
    for (ptrdiff_t j = 0; j < stride; j++) {
      const ptrdiff_t point = j < points.count ? j : points.count - 1;
      planes[k * stride + j] = S((points.data[point * points.dim + k] - from) * scale);
    }
  }
}

// |x - y|^2 of the point x and the points whose planes begin at `planes`: from the first coordinate to the last, each
// operation rounded once, so that the bits are those of src/engine/reference/cloud-distances.ts. `dim` is 0 where it is
// not known when this is compiled.
template <class V, int dim>
LIOUVILLE_INLINE V squaredDistance(const Scalar<V>* x, const Scalar<V>* planes, ptrdiff_t stride, ptrdiff_t runtimeDim) {
  const ptrdiff_t count = dim > 0 ? dim : runtimeDim;
  const V first = set1<V>(x[0]) - loadAligned<V>(planes);
  V sum = first * first;
  for (ptrdiff_t k = 1; k < count; k++) {
    const V difference = set1<V>(x[k]) - loadAligned<V>(planes + k * stride);
    sum += difference * difference;
  }
  return sum;
}

// Calls body.template operator()<dim>() with the dimension where it is 2 or 3, else with 0.
template <class Body> auto withDim(ptrdiff_t dim, const Body& body) {
  if (dim == 3) return body.template operator()<3>();
  if (dim == 2) return body.template operator()<2>();
  return body.template operator()<0>();
}

}  // namespace liouville::LIOUVILLE_ISA_NAMESPACE

#include "mask.h"

#include <algorithm>
#include <optional>

namespace liouville::host {

namespace {

class Masking {
 public:
  explicit Masking(Draft& draft) : draft_(draft) {}

  void run() {
    for (Matrix& matrix : draft_.matrices) maskMatrix(matrix);
    for (Sum& sum : draft_.sums) {
      if (sum.outer) maskSum(sum);
    }
  }

 private:
  Draft& draft_;

  const Value& value(int32_t number) const { return draft_.value(number); }

  // A number and the constant that it is multiplied with.
  struct Product {
    int32_t factor, mask;
  };

  // What a step multiplies with a mask of the same shape, if that is what it does.
  std::optional<Product> maskedBy(const Step& step) const {
    if (step.op != Op::mul) return std::nullopt;
    for (const size_t side : {0, 1}) {
      const Product product{step.inputs[1 - side], step.inputs[side]};
      const Value &out = value(step.out), &mask = value(product.mask), &factor = value(product.factor);
      const bool fits = mask.k == out.k && mask.n == out.n && factor.k == out.k && factor.n == out.n;
      if (fits && isMask(mask)) return product;
    }
    return std::nullopt;
  }

  bool isMask(const Value& mask) const {
    if (mask.space != Space::constant) return false;
    const auto first = draft_.constants.begin() + mask.offset;
    return std::all_of(first, first + ptrdiff_t(sizeOf(mask)), [](double x) { return x == 0 || x == 1; });
  }

  void maskMatrix(Matrix& matrix) {
    const Value masked = value(matrix.value);
    if (masked.space != Space::prologue) return;
    const auto writes = [&](const Step& step) { return overlap(value(step.out), masked); };
    if (std::ranges::count_if(draft_.prologue, writes) != 1) return;
    const auto made = std::ranges::find_if(draft_.prologue, writes);
    const std::optional<Product> product = maskedBy(*made);
    if (!product || !samePlace(value(made->out), masked)) return;
    // What a program writes may change until the weights are packed.
    if (value(product->factor).space >= Space::prologue) return;
    matrix.value = product->factor;
    matrix.mask = numberOf(value(product->mask));
    if (!isRead(masked)) draft_.prologue.erase(made);
  }

  // Does anything read a value of the prologue?
  bool isRead(const Value& x) const {
    const auto touches = [&](int32_t number) { return overlap(value(number), x); };
    const auto reads = [&](const Step& step) { return std::ranges::any_of(step.inputs, touches); };
    const auto usesIt = [&](const Matrix& matrix) {
      return touches(matrix.value) || (matrix.bias >= 0 && touches(matrix.bias));
    };
    const auto isGradient = [&](const GradientPart& part) {
      return part.space == x.space && part.offset < x.offset + sizeOf(x) && x.offset < part.offset + part.count;
    };
    return std::ranges::any_of(draft_.prologue, reads) || std::ranges::any_of(draft_.epilogue, reads) ||
           std::ranges::any_of(draft_.shared, touches) || std::ranges::any_of(draft_.matrices, usesIt) ||
           std::ranges::any_of(draft_.gradients, isGradient);
  }

  void maskSum(Sum& sum) {
    const Value total = value(sum.value);
    const auto isOther = [&](const Sum& other) { return &other != &sum && overlap(value(other.value), total); };
    const auto isGradient = [&](const GradientPart& part) { return overlap(valueOf(part), total); };
    if (std::ranges::any_of(draft_.sums, isOther) || std::ranges::any_of(draft_.gradients, isGradient)) return;
    const auto touches = [&](int32_t number) { return overlap(value(number), total); };
    const auto reads = [&](const Step& step) { return std::ranges::any_of(step.inputs, touches); };
    if (std::ranges::count_if(draft_.epilogue, reads) != 1) return;
    const auto reader = std::ranges::find_if(draft_.epilogue, reads);
    const std::optional<Product> product = maskedBy(*reader);
    if (!product || !samePlace(value(product->factor), total)) return;
    sum.mask = numberOf(value(product->mask));
    if (redirect(*reader, total)) draft_.epilogue.erase(reader);
  }

  // The same numbers as the result of a step stand elsewhere: lets gradients have those. False where something else
  // has to do with that result.
  bool redirect(const Step& step, const Value& to) {
    const Value out = value(step.out);
    for (const Step& other : draft_.epilogue) {
      const auto touches = [&](int32_t number) { return overlap(value(number), out); };
      if (&other != &step && (touches(other.out) || std::ranges::any_of(other.inputs, touches))) return false;
    }
    const auto isPart = [&](const GradientPart& part) { return overlap(valueOf(part), out); };
    const auto isWhole = [&](const GradientPart& part) { return part.offset == out.offset && part.count == sizeOf(out); };
    for (const GradientPart& part : draft_.gradients) {
      if (isPart(part) && !isWhole(part)) return false;
    }
    for (GradientPart& part : draft_.gradients) {
      if (isPart(part)) part = {to.space, to.offset, part.count, part.target};
    }
    return true;
  }

  static Value valueOf(const GradientPart& part) { return {part.space, part.offset, 1, part.count}; }

  int32_t numberOf(const Value& mask) {
    const auto found = std::ranges::find_if(draft_.masks, [&](const DraftMask& known) {
      return known.constant == mask.offset && known.k == mask.k && known.n == mask.n;
    });
    if (found != draft_.masks.end()) return int32_t(found - draft_.masks.begin());
    const double* entries = draft_.constants.data() + mask.offset;
    const ptrdiff_t n = mask.n;
    const Lines rows{entries, mask.k, mask.n, n, 1}, columns{entries, mask.n, mask.k, 1, n};
    draft_.masks.push_back({mask.offset, mask.k, mask.n, spansOf(rows, rows.length), spansOf(columns, columns.length),
                            spansOf(rows, spanDepth), spansOf(columns, spanDepth)});
    return int32_t(draft_.masks.size()) - 1;
  }

  // The rows of a mask, or its columns.
  struct Lines {
    const double* entries;
    int32_t count, length;
    ptrdiff_t overLine, overEntry;
  };

  // For each slab of `depth` entries, for each block of lines, where in the slab the entries of all of them that are not
  // zero lie.
  static std::vector<Span> spansOf(const Lines& lines, int32_t depth) {
    std::vector<Span> spans;
    for (int32_t begin = 0; begin < lines.length; begin += depth) {
      const int32_t end = std::min(begin + depth, lines.length);
      for (int32_t first = 0; first < lines.count; first += spanRows) {
        const Span span = spanOf(lines, first, std::min(first + spanRows, lines.count), begin, end);
        spans.push_back(span.first < span.last ? span : Span{0, 0});
      }
    }
    return spans;
  }

  static Span spanOf(const Lines& lines, int32_t firstLine, int32_t endLine, int32_t begin, int32_t end) {
    Span span{end, begin};
    for (int32_t line = firstLine; line < endLine; line++) {
      for (int32_t i = begin; i < end; i++) {
        if (lines.entries[line * lines.overLine + i * lines.overEntry] == 0) continue;
        span.first = std::min(span.first, i);
        span.last = std::max(span.last, i + 1);
      }
    }
    return span;
  }
};

}  // namespace

void mask(Draft& draft) { Masking(draft).run(); }

}  // namespace liouville::host

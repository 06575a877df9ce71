// Malformed programs by the million: every one is refused, or runs within its memory. Built with
// AddressSanitizer and UndefinedBehaviorSanitizer, which see what a crash would not show.
//
//   fuzz CORPUS COUNT SEED
//
// Prints how many calls were made, and how many of them were refused.
#include <random>

#include "../../host/backends.h"
#include "../../host/misuse.h"
#include "../../host/run-work.h"
#include "../../host/solve-pullback-work.h"
#include "../../host/solve-work.h"
#include "corpus.h"

namespace liouville::test {

using namespace host;

namespace {

class Fuzzer {
 public:
  Fuzzer(const Corpus& corpus, uint64_t seed) : corpus_(corpus), random_(seed) {
    for (const InstructionSet& set : instructionSets()) {
      if (!set.supported) continue;
      backends_.push_back(set.float32);
      backends_.push_back(set.float64);
    }
  }

  int64_t calls = 0, refused = 0;

  // One program, changed in a few words, and every call that can be made of it.
  void step() {
    const Entry& entry = corpus_.entries[below(corpus_.entries.size())];
    const auto program = attempt([&] { return std::make_shared<host::Program>(changed(entry.code)); });
    if (program == nullptr || isLarge(*program)) return;
    attempt([&] { return run(program); });
    const auto tape = attempt([&] { return solve(program); });
    if (tape == nullptr || entry.transposed < 0) return;
    const Bytecode& transposed = corpus_.entries[size_t(entry.transposed)].code;
    const auto back = attempt(
        [&] { return std::make_shared<host::Program>(below(2) == 0 ? transposed : changed(transposed)); });
    if (back != nullptr && !isLarge(*back)) attempt([&] { return pullback(tape, back); });
  }

 private:
  const Corpus& corpus_;
  std::mt19937_64 random_;
  std::vector<const Backend*> backends_;
  Scratch scratch_;
  std::shared_ptr<const Solution> lastTape_;

  uint64_t below(uint64_t end) { return end == 0 ? 0 : random_() % end; }

  template <class Call> auto attempt(Call call) -> decltype(call()) {
    calls++;
    try {
      return call();
    } catch (const Misuse&) {
      refused++;
      return nullptr;
    } catch (const std::bad_alloc&) {
      refused++;
      return nullptr;
    }
  }

  static bool isLarge(const host::Program& program) {
    int64_t numbers = 0;
    for (const int32_t size : program.plan().sizes) numbers += size;
    return numbers > 20000;
  }

  int32_t word() {
    switch (below(4)) {
      case 0: {
        constexpr int64_t special[] = {INT32_MAX, INT32_MIN, 1 << 30, 1 << 16, 128, 129, -1, 0};
        return int32_t(special[below(std::size(special))]);
      }
      default: return int32_t(below(74)) - 3;
    }
  }

  Bytecode changed(Bytecode code) {
    std::vector<int32_t>* const parts[] = {&code.values,   &code.prologue, &code.body,    &code.body,     &code.body,
                                           &code.epilogue, &code.sizes,    &code.inputs,  &code.outputs,  &code.values,
                                           &code.gradients};
    // None at all, now and then: what is sound has to run.
    for (uint64_t i = below(4); i > 0; i--) {
      std::vector<int32_t>& words = *parts[below(std::size(parts))];
      const size_t at = below(words.size());
      const uint64_t how = below(6);
      if (how == 0) words.insert(words.begin() + ptrdiff_t(at), word());
      else if (words.empty()) continue;
      else if (how == 1) words.erase(words.begin() + ptrdiff_t(at));
      else if (how == 2) words[at] = int32_t(uint32_t(words[at]) + uint32_t(word() % 4));
      else if (how == 3) words[at] = words[below(words.size())];
      else words[at] = word();
    }
    return code;
  }

  double number() {
    constexpr double special[] = {0, -0.0, 1e300, -1e300, 1e-310, __builtin_inf(), __builtin_nan("")};
    return below(50) == 0 ? special[below(std::size(special))] : double(below(2000)) / 1000 - 1;
  }

  std::vector<double> numbers(size_t count) {
    std::vector<double> result(count);
    for (double& x : result) x = number();
    return result;
  }

  Buffer scalars(int64_t count, const Backend& backend) {
    const std::vector<double> from = numbers(size_t(count));
    return converted(from.data(), from.size(), backend.scalarBytes);
  }

  const Backend& anyBackend() { return *backends_[below(backends_.size())]; }

  int64_t anyRows() {
    constexpr int64_t counts[] = {1, 2, 3, 17, 130};
    return counts[below(std::size(counts))];
  }

  std::unique_ptr<Binding> bind(std::shared_ptr<host::Program> program, const Backend& backend) {
    auto parameters = std::make_shared<Parameters>();
    parameters->trained = numbers(below(20) == 0 ? below(40) : 1000);
    parameters->state = numbers(below(20) == 0 ? below(40) : 100);
    parameters->trainedCount = parameters->trained.size();
    return std::make_unique<Binding>(std::move(program), backend, std::move(parameters));
  }

  Columns rowsFor(const host::Program& program, int64_t rows, const Backend& backend, int32_t none) {
    Columns columns;
    for (int32_t port = 0; port < program.plan().inputCount; port++) {
      if (port == none) columns.addNone();
      else columns.add(scalars(rows * program.inputWidth(port), backend));
    }
    return columns;
  }

  // What the pool would do, on this thread.
  void finish(Work& work) {
    for (int32_t phase = 0;; phase++) {
      const int64_t count = work.tasks(phase);
      if (count == 0) return;
      for (int64_t task = 0; task < count; task++) work.run(phase, task, scratch_);
    }
  }

  WorkOptions options() {
    WorkOptions options;
    options.threads = 1 + int32_t(below(3));
    if (below(100) == 0) options.cancellation->cancel();
    return options;
  }

  std::shared_ptr<RunWork> run(const std::shared_ptr<host::Program>& program) {
    const Backend& backend = anyBackend();
    const int64_t rows = anyRows();
    auto work = std::make_shared<RunWork>(options(), bind(program, backend), rows,
                                          rowsFor(*program, rows, backend, -1));
    finish(*work);
    return work;
  }

  TableauData anyTableau() {
    TableauData tableau;
    if (below(2) == 0) {
      tableau = {2, false, 2, {0, 1}, {0, 0, 1, 0}, {0.5, 0.5}, {-0.5, 0.5}, {}};
    } else {
      tableau = {4, true, 3, {0, 0.5, 0.75, 1}, std::vector<double>(16), {2. / 9, 1. / 3, 4. / 9, 0},
                 {-5. / 72, 1. / 12, 1. / 9, -1. / 8}, {}};
      tableau.a[4] = 0.5;
      tableau.a[9] = 0.75;
      for (size_t i = 0; i < 3; i++) tableau.a[12 + i] = tableau.b[i];
    }
    if (below(10) == 0) tableau.b.pop_back();
    if (below(10) == 0) tableau.stages = int32_t(below(6));
    if (below(10) == 0) tableau.bError.clear();
    if (below(20) == 0) tableau.a[below(tableau.a.size())] = number();
    return tableau;
  }

  std::shared_ptr<const Solution> solve(const std::shared_ptr<host::Program>& program) {
    const Backend& backend = anyBackend();
    const int64_t rows = lastTape_ != nullptr && below(2) == 0 ? lastTape_->rows : anyRows();
    Problem problem;
    problem.t = below(20) == 0 ? word() : 0;
    problem.y = below(20) == 0 ? word() : 1;
    problem.tableau = anyTableau();
    problem.control = {0.9, 0.2, 10, {0.85, -0.2, 0}, 0.85};
    problem.t0 = below(10) == 0 ? number() : 0;
    problem.t1 = below(10) == 0 ? number() : 1;
    problem.rtol = below(20) == 0 ? number() : 1e-3;
    problem.atol = below(20) == 0 ? number() : 1e-3;
    problem.stepSize = below(4) == 0 ? number() : 0;
    problem.maxSteps = int32_t(below(8));
    problem.tape = below(4) != 0;
    if (below(4) == 0) problem.replay = lastTape_;
    Columns inputs = rowsFor(*program, rows, backend, problem.t);
    auto solution = std::make_shared<Solution>(bind(program, backend), rows, std::move(inputs), std::move(problem));
    SolveWork work(options(), solution);
    finish(work);
    if (!solution->problem.tape) return nullptr;
    return lastTape_ = withoutReplay(solution);
  }

  // A tape that was replayed holds the tape before it: a chain of all of them would hold everything.
  static std::shared_ptr<const Solution> withoutReplay(const std::shared_ptr<Solution>& solution) {
    return solution->problem.replay == nullptr ? solution : nullptr;
  }

  std::shared_ptr<SolvePullbackWork> pullback(const std::shared_ptr<const Solution>& tape,
                                              std::shared_ptr<host::Program> transposed) {
    Buffer cotangents = scalars(tape->rows * tape->width, tape->field->backend());
    auto work = std::make_shared<SolvePullbackWork>(options(), tape, std::move(transposed), std::move(cotangents),
                                                    below(2) == 0);
    finish(*work);
    return work;
  }
};

}  // namespace

}  // namespace liouville::test

int main(int count, char** arguments) {
  if (count != 4) {
    std::fprintf(stderr, "fuzz CORPUS COUNT SEED\n");
    return 2;
  }
  const liouville::test::Corpus corpus(arguments[1]);
  liouville::test::Fuzzer fuzzer(corpus, std::strtoull(arguments[3], nullptr, 10));
  const long long wanted = std::atoll(arguments[2]);
  while (fuzzer.calls < wanted) fuzzer.step();
  std::printf("%lld calls, %lld refused\n", static_cast<long long>(fuzzer.calls),
              static_cast<long long>(fuzzer.refused));
}

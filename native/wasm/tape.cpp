#include "tape.h"

#include "../host/misuse.h"

namespace liouville::host::wasm {

namespace {

size_t recordBytes(const Solution& solution) {
  const Tableau tableau = solution.problem.tableau.view();
  return (solution.field->backend().recordBytes(&tableau, solution.width) + 7) & ~size_t(7);
}

}  // namespace

void writeTape(Solution& solution, Writer& to) {
  const size_t bytes = recordBytes(solution);
  std::vector<int32_t> steps;
  int64_t total = 0;
  for (const StepRecord* last : solution.last) {
    int32_t count = 0;
    for (const StepRecord* record = last; record != nullptr; record = record->previous) count++;
    steps.push_back(count);
    total += count;
  }
  Buffer records(bytesOf(total, 1, bytes));
  char* end = records.as<char>();
  for (size_t row = 0; row < steps.size(); row++) {
    end += size_t(steps[row]) * bytes;
    char* at = end;
    for (const StepRecord* record = solution.last[row]; record != nullptr; record = record->previous) {
      std::memcpy(at -= bytes, record, bytes);
    }
  }
  Buffer states(solution.end.bytes());
  std::memcpy(states.data(), solution.end.data(), states.bytes());
  to.scalars(std::move(states), solution.scalarBytes());
  to.ints(steps);
  to.doubles(std::move(records));
}

void readTape(Solution& solution, Reader& from) {
  const size_t rows = size_t(solution.rows), bytes = recordBytes(solution);
  const std::vector<int32_t> status = from.ints();
  solution.accepted = from.ints();
  solution.end = from.scalars(solution.rows * solution.width, solution.scalarBytes());
  const std::vector<int32_t> steps = from.ints();
  const Buffer records = from.bytes();
  if (status.size() != rows || solution.accepted.size() != rows || steps.size() != rows) {
    refuse("tape: expected an entry for each row");
  }
  int64_t left = int64_t(records.bytes() / bytes);
  for (const int32_t count : steps) {
    if (count < 0 || (left -= count) < 0) refuse("tape: expected as many records as it says");
  }
  for (const int32_t s : status) solution.status.push_back(Status(s));
  solution.arenas = std::vector<RecordArena>(1);
  Arena& arena = solution.arenas[0];
  const char* at = records.as<char>();
  for (const int32_t count : steps) {
    StepRecord* last = nullptr;
    for (int32_t i = 0; i < count; i++, at += bytes) {
      auto* record = static_cast<StepRecord*>(arena.take(&arena, bytes));
      if (record == nullptr) throw std::bad_alloc();
      std::memcpy(record, at, bytes);
      record->previous = last;
      last = record;
    }
    solution.last.push_back(last);
  }
}

}  // namespace liouville::host::wasm

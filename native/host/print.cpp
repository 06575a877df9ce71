#include "print.h"

#include "shapes.h"

namespace liouville::host {

namespace {

const char* const spaceNames[] = {"constant", "trained", "state", "prologue", "row", "total", "epilogue"};
const char* const starts[] = {"", " from the bias", " added"};

// Space, place and shape: row 4 [1, 3].
std::string place(const Plan& plan, int32_t number) {
  const Value& value = plan.values[number];
  return std::string(spaceNames[int32_t(value.space)]) + " " + std::to_string(value.offset) + " " +
         text({value.k, value.n});
}

std::string maskText(const Plan& plan, int32_t mask) {
  return ", masked by constant " + std::to_string(plan.masks[mask].constant);
}

std::string productText(const Plan& plan, const Instruction& instruction) {
  const Matrix& matrix = plan.matrices[instruction.index];
  std::string line = "product with " + place(plan, matrix.value) + (matrix.transposed ? " transposed" : "");
  if (matrix.mask >= 0) line += maskText(plan, matrix.mask);
  if (matrix.bias >= 0) line += ", bias " + place(plan, matrix.bias);
  for (int32_t i = 0; i < instruction.inputCount; i += 3) {
    line += "\n    " + place(plan, instruction.inputs[i + 1]) + " = " + place(plan, instruction.inputs[i]) +
            starts[instruction.inputs[i + 2]];
  }
  return line;
}

// An operand of a chain, of k values side by side.
std::string operandText(const Plan& plan, const ChainOperand& operand, int32_t k, int32_t n) {
  if (operand.source == Source::previous) return "it";
  const bool each = operand.source == Source::planes || operand.source == Source::numbers;
  const bool isRow = operand.source == Source::planes || operand.source == Source::plane;
  int32_t space = isRow ? int32_t(Space::row) : 0, offset = operand.offset;
  while (!isRow && offset >= plan.sizes[space]) offset -= plan.sizes[space++];
  return std::string(spaceNames[space]) + " " + std::to_string(offset) + " " +
         text({operand.overK == 0 ? 1 : k, each ? n : 1});
}

std::string chainOpText(const Plan& plan, const ChainOp& op, int32_t k, int32_t n) {
  std::string line = op.out < 0 ? "it" : "row " + std::to_string(op.out) + " " + text({k, n});
  line += std::string(" = ") + nameOf(op.op);
  for (int32_t i = 0; i < 3 && op.operands[i].source != Source::none; i++) {
    line += (i == 0 ? " of " : ", ") + operandText(plan, op.operands[i], op.terms > 1 ? op.terms : k, n);
  }
  return line;
}

// Its ops below each other; "it" is what the op before has computed and is not stored, or taken from registers.
std::string chainText(const Plan& plan, const Chain& chain) {
  std::string lines;
  int32_t count = 0;
  for (int32_t g = 0; g < chain.groupCount; g++) {
    const ChainGroup& group = chain.groups[g];
    for (int32_t i = 0; i < group.count; i++, count++) {
      lines += (lines.empty() ? "" : "\n    ") + chainOpText(plan, group.ops[i], group.k, chain.n);
    }
  }
  return count == 1 ? lines : "chain\n    " + lines;
}

std::string instructionText(const Plan& plan, const Instruction& instruction) {
  if (instruction.op == Op::product) return productText(plan, instruction);
  if (instruction.op == Op::chain) return chainText(plan, plan.chains[instruction.index]);
  std::string line = place(plan, instruction.out) + " = " + nameOf(instruction.op);
  for (int32_t i = 0; i < instruction.attributeCount; i++) line += " " + std::to_string(instruction.attributes[i]);
  for (int32_t i = 0; i < instruction.inputCount; i++) {
    line += (i == 0 ? " of " : ", ") + place(plan, instruction.inputs[i]);
  }
  if (instruction.op == Op::outerTotal && plan.sums[instruction.index].mask >= 0) {
    line += maskText(plan, plan.sums[instruction.index].mask);
  }
  return line;
}

void append(std::string& result, const Plan& plan, const char* name, const Section& section) {
  result += std::string(name) + "\n";
  for (int32_t i = 0; i < section.count; i++) {
    result += "  " + instructionText(plan, section.instructions[i]) + "\n";
  }
}

}  // namespace

std::string printed(const Plan& plan) {
  std::string result;
  append(result, plan, "prologue", plan.prologue);
  append(result, plan, "body", plan.body);
  append(result, plan, "epilogue", plan.epilogue);
  return result + "planes " + std::to_string(plan.sizes[int32_t(Space::row)]) + "\n";
}

}  // namespace liouville::host

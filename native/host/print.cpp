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

std::string productText(const Plan& plan, const Instruction& instruction) {
  const Matrix& matrix = plan.matrices[instruction.index];
  std::string line = "product with " + place(plan, matrix.value) + (matrix.transposed ? " transposed" : "");
  if (matrix.bias >= 0) line += ", bias " + place(plan, matrix.bias);
  for (int32_t i = 0; i < instruction.inputCount; i += 3) {
    line += "\n    " + place(plan, instruction.inputs[i + 1]) + " = " + place(plan, instruction.inputs[i]) +
            starts[instruction.inputs[i + 2]];
  }
  return line;
}

std::string instructionText(const Plan& plan, const Instruction& instruction) {
  if (instruction.op == Op::product) return productText(plan, instruction);
  std::string line = place(plan, instruction.out) + " = " + nameOf(instruction.op);
  for (int32_t i = 0; i < instruction.attributeCount; i++) line += " " + std::to_string(instruction.attributes[i]);
  for (int32_t i = 0; i < instruction.inputCount; i++) {
    line += (i == 0 ? " of " : ", ") + place(plan, instruction.inputs[i]);
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

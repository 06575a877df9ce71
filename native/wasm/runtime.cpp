// What C++ needs of its runtime and the WebAssembly standard library of @yowasp/clang has not got: exceptions,
// and operator new that throws.
//
// Exceptions follow the scheme of LLVM: what is thrown is a pointer, with the tag __cpp_exception; where it may
// be caught, compiled code calls _Unwind_CallPersonality, which looks the type up in the table of the function
// (the Itanium C++ ABI's language-specific data area). A handler catches exactly the type that it names: bases
// are not searched.
#include <__verbose_abort>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <typeinfo>

// Where the library gives up it would write to a console, which the module has not got.
void std::__libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }
extern "C" [[noreturn]] void __abort_message(const char*, ...) { __builtin_trap(); }

// The tag of C++ exceptions; its one parameter is a pointer.
__asm__(".globl __cpp_exception\n.tagtype __cpp_exception i32\n__cpp_exception:\n");

namespace {

// Destructors return their object here.
using Destructor = void* (*)(void*);

// Stands before the object that is thrown.
struct alignas(16) Header {
  const std::type_info* type;
  Destructor destroy;
  int32_t handlers;  // that are running; negative while it is thrown on from one of them
  Header* outer;     // the exception whose handler threw this one
};

Header* caught = nullptr;

Header* headerOf(void* object) { return static_cast<Header*>(object) - 1; }
void* objectOf(Header* header) { return header + 1; }

[[noreturn]] void raise(Header* header) { __builtin_wasm_throw(0, header); }

void destroy(Header* header) {
  if (header->destroy != nullptr) header->destroy(objectOf(header));
  std::free(header);
}

// Numbers of the table: seven bits a byte, the lowest first.
struct Reader {
  const uint8_t* at;

  uint32_t number() {
    uint32_t result = 0;
    for (int shift = 0;; shift += 7) {
      const uint8_t byte = *at++;
      result |= uint32_t(byte & 0x7f) << shift;
      if (byte < 0x80) return result;
    }
  }

  int32_t signedNumber() {
    uint32_t result = 0;
    for (int shift = 0;;) {
      const uint8_t byte = *at++;
      result |= uint32_t(byte & 0x7f) << shift;
      shift += 7;
      if (byte < 0x80) return int32_t((byte & 0x40) != 0 && shift < 32 ? result | (~0u << shift) : result);
    }
  }
};

// The number of the first handler at a landing pad that takes the type; 0 when none does.
uint32_t handlerFor(const std::type_info* thrown, const uint8_t* table, uint32_t pad) {
  constexpr uint8_t none = 0xff;
  Reader reader{table};
  if (*reader.at++ != none) __builtin_trap();  // landing pads have no addresses here
  if (*reader.at++ == none) return 0;          // no types
  const uint32_t typesAt = reader.number();
  const auto* types = reinterpret_cast<const std::type_info* const*>(reader.at + typesAt);
  reader.at++;  // the encoding of the next table is always the same
  const uint32_t length = reader.number();
  const uint8_t* actions = reader.at + length;
  for (uint32_t i = 0; i < pad; i++) {
    reader.number();
    reader.number();
  }
  reader.number();
  const uint32_t first = reader.number();
  if (first == 0) return 0;
  reader.at = actions + first - 1;
  for (;;) {
    const int32_t handler = reader.signedNumber();
    if (handler > 0) {
      const std::type_info* type = types[-handler];
      if (type == nullptr || *type == *thrown) return uint32_t(handler);
    }
    const uint8_t* here = reader.at;
    const int32_t next = reader.signedNumber();
    if (next == 0) return 0;
    reader.at = here + next;
  }
}

}  // namespace

extern "C" {

// What compiled code and this file tell each other.
struct {
  uint32_t pad;
  const uint8_t* table;
  uint32_t handler;
} __wasm_lpad_context = {};

int32_t _Unwind_CallPersonality(void* thrown) {
  auto& context = __wasm_lpad_context;
  context.handler = handlerFor(static_cast<Header*>(thrown)->type, context.table, context.pad);
  return 0;
}

void* __cxa_allocate_exception(size_t size) {
  void* block = std::malloc(sizeof(Header) + size);
  if (block == nullptr) __builtin_trap();  // not even the few bytes of an exception are left
  return objectOf(new (block) Header{});
}

void __cxa_free_exception(void* object) { std::free(headerOf(object)); }

[[noreturn]] void __cxa_throw(void* object, std::type_info* type, Destructor destroy) {
  Header* header = headerOf(object);
  header->type = type;
  header->destroy = destroy;
  raise(header);
}

void* __cxa_begin_catch(void* thrown) {
  Header* header = static_cast<Header*>(thrown);
  if (header->handlers < 0) header->handlers = -header->handlers;
  if (header->handlers++ == 0) {
    header->outer = caught;
    caught = header;
  }
  return objectOf(header);
}

void __cxa_end_catch() {
  Header* header = caught;
  if (header->handlers < 0) {
    if (++header->handlers == 0) caught = header->outer;
    return;
  }
  if (--header->handlers > 0) return;
  caught = header->outer;
  destroy(header);
}

[[noreturn]] void __cxa_rethrow() {
  caught->handlers = -caught->handlers;
  raise(caught);
}

}  // extern "C"

void* operator new(size_t size) {
  void* block = std::malloc(size > 0 ? size : 1);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new(size_t size, const std::nothrow_t&) noexcept { return std::malloc(size > 0 ? size : 1); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

// SPDX-License-Identifier: Apache-2.0
#include <datasets/pickle_objects.hpp>

#include <array>
#include <limits>
#include <utility>

#include <datasets/in_quotes.hpp>
#include <graphs/error.hpp>

namespace gnn::datasets::pickle {
namespace {

struct KnownName {
  std::string_view module, attribute;
  Name name;
};
constexpr std::array<KnownName, 6> known_names = {{
    {"numpy.core.multiarray", "_reconstruct", Name::reconstruct},
    {"numpy", "ndarray", Name::ndarray},
    {"numpy", "dtype", Name::dtype},
    {"scipy.sparse.csr", "csr_matrix", Name::csr_matrix},
    {"collections", "defaultdict", Name::defaultdict},
    {"__builtin__", "list", Name::list},
}};

bool is_name(const Value& value, Name name) {
  const Name* found = value.as<Name>();
  return found && *found == name;
}

bool is_integer(const Value& value, std::int32_t number) {
  const auto* found = value.as<std::int32_t>();
  return found && *found == number;
}

bool is_string(const Value& value, std::string_view text) {
  const auto* found = value.as<std::string_view>();
  return found && *found == text;
}

/// The parts of `value` when it is a tuple of `size` values, else null.
const Tuple* tuple_of(const Value& value, std::size_t size) {
  const Tuple* parts = value.as<Tuple>();
  return parts && parts->size() == size ? parts : nullptr;
}

std::size_t item_size(Dtype dtype) {
  return dtype == Dtype::int32 || dtype == Dtype::float32 ? 4 : 8;
}

std::size_t read_size(const Value& value, const Place& place) {
  const auto* size = value.as<std::int32_t>();
  if (!size || *size < 0) place.refuse("a size of 0 or more", describe(value));
  return static_cast<std::size_t>(*size);
}

Value make_dtype(const Tuple& arguments, const Place& place) {
  if (is_integer(arguments[1], 0) && is_integer(arguments[2], 1)) {
    if (is_string(arguments[0], "i4")) return {Dtype::int32};
    if (is_string(arguments[0], "i8")) return {Dtype::int64};
    if (is_string(arguments[0], "f4")) return {Dtype::float32};
    if (is_string(arguments[0], "f8")) return {Dtype::float64};
  }
  place.refuse("dtype of i4, i8, f4 or f8 with 0 and 1", describe(arguments[0]));
}

/// numpy writes the state (version, byte order, ...); the numbers that follow say "not a structure, no fixed
/// size".
void check_dtype_state(const Value& state, const Place& place) {
  const Tuple* parts = tuple_of(state, 8);
  if (!parts) place.refuse("the state of a dtype, 8 values", describe(state));
  const Tuple& part = *parts;
  if (!is_string(part[1], "<")) place.refuse("little-endian numbers, byte order '<'", describe(part[1]));
  const bool plain = is_integer(part[0], 3) && part[2].as<None>() && part[3].as<None>() &&
                     part[4].as<None>() && is_integer(part[5], -1) && is_integer(part[6], -1) &&
                     is_integer(part[7], 0);
  if (!plain) place.refuse("the dtype state (3, '<', None, None, None, -1, -1, 0)", "other values");
}

/// State of an array: (1, shape, dtype, order is Fortran's, bytes).
Value build_array(const Value& state, const Place& place) {
  const Tuple* parts = tuple_of(state, 5);
  if (!parts) place.refuse("the state of an array, 5 values", describe(state));
  const Tuple& part = *parts;
  const Tuple* shape = part[1].as<Tuple>();
  const Dtype* dtype = part[2].as<Dtype>();
  const bool* fortran = part[3].as<bool>();
  const auto* bytes = part[4].as<std::string_view>();
  if (!is_integer(part[0], 1)) place.refuse("version 1 of an array's state", describe(part[0]));
  if (!shape || shape->empty() || shape->size() > 2) {
    place.refuse("the shape of an array with 1 or 2 dimensions", describe(part[1]));
  }
  if (!dtype) place.refuse("the dtype of an array", describe(part[2]));
  if (!fortran || *fortran) place.refuse("an array in C order, marked False", describe(part[3]));
  if (!bytes) place.refuse("the bytes of an array", describe(part[4]));

  Array array;
  array.dtype = *dtype;
  array.dimensions = static_cast<int>(shape->size());
  array.rows = read_size((*shape)[0], place);
  array.columns = shape->size() == 2 ? read_size((*shape)[1], place) : 1;
  // Sizes are below 2^31, so that their product fits 64 bits; times 8 it need not.
  if (array.size() > std::numeric_limits<std::size_t>::max() / 8 ||
      array.size() * item_size(array.dtype) != bytes->size()) {
    place.refuse(
        "bytes for an array of " + std::to_string(array.rows) + " x " + std::to_string(array.columns),
        std::to_string(bytes->size()) + " bytes");
  }
  array.bytes = std::as_bytes(std::span(*bytes));
  return {array};
}

const Value& entry(const Dict& state, std::string_view key, const Place& place) {
  for (std::size_t i = 0; i < state.keys.size(); ++i) {
    if (state.keys[i] == key) return state.values[i];
  }
  place.refuse("the entry '" + std::string(key) + "' in the state of a matrix", "none");
}

Array array_entry(const Dict& state, std::string_view key, const Place& place) {
  const Value& value = entry(state, key, place);
  const Array* array = value.as<Array>();
  if (!array || array->dimensions != 1) {
    place.refuse("an array with 1 dimension as the matrix's '" + std::string(key) + "'", describe(value));
  }
  return *array;
}

/// State of a matrix: a dictionary. Entries that scipy only uses as hints are ignored.
Value build_matrix(const Value& state, const Place& place) {
  const Dict* entries = state.as<Dict>();
  if (!entries) place.refuse("a dictionary as the state of a matrix", describe(state));
  const Value& shape = entry(*entries, "_shape", place);
  const Tuple* sizes = tuple_of(shape, 2);
  if (!sizes) place.refuse("two sizes as the matrix's '_shape'", describe(shape));
  auto matrix = std::make_unique<CsrMatrix>();
  matrix->rows = read_size((*sizes)[0], place);
  matrix->columns = read_size((*sizes)[1], place);
  matrix->indptr = array_entry(*entries, "indptr", place);
  matrix->indices = array_entry(*entries, "indices", place);
  matrix->data = array_entry(*entries, "data", place);
  return {std::move(matrix)};
}

struct Describer {
  std::string operator()(None) const { return "None"; }
  std::string operator()(bool value) const { return value ? "True" : "False"; }
  std::string operator()(std::int32_t value) const { return "the integer " + std::to_string(value); }
  std::string operator()(std::string_view text) const { return in_quotes(text); }
  std::string operator()(Name name) const {
    return "the name " + std::string(known_names[static_cast<std::size_t>(name)].attribute);
  }
  std::string operator()(Dtype) const { return "a dtype"; }
  std::string operator()(const Tuple& tuple) const { return "a tuple of " + std::to_string(tuple.size()); }
  std::string operator()(const List&) const { return "a list"; }
  std::string operator()(const Dict&) const { return "a dictionary"; }
  std::string operator()(UnbuiltArray) const { return "an array without contents"; }
  std::string operator()(const Array&) const { return "an array"; }
  std::string operator()(UnbuiltMatrix) const { return "a matrix without contents"; }
  std::string operator()(const std::unique_ptr<CsrMatrix>&) const { return "a sparse matrix"; }
  std::string operator()(const std::unique_ptr<Lists>&) const { return "a dictionary of lists"; }
};

}  // namespace

void Place::refuse(std::string_view expected, std::string_view found) const {
  fail(ErrorKind::input, file, ": byte ", byte, ": expected ", expected, ", found ", found);
}

std::string describe(const Value& value) {
  return std::visit(Describer{}, value.data);
}

Name find_name(std::string_view module, std::string_view attribute, const Place& place) {
  for (const KnownName& known : known_names) {
    if (known.module == module && known.attribute == attribute) return known.name;
  }
  place.refuse("one of the 6 names that a Planetoid file may use",
               in_quotes(std::string(module) + " " + std::string(attribute)) + "; nothing was called");
}

Value reduce(const Value& callable, const Value& arguments, const Place& place) {
  if (is_name(callable, Name::reconstruct)) {
    const Tuple* parts = tuple_of(arguments, 3);
    const Tuple* shape = parts ? tuple_of((*parts)[1], 1) : nullptr;
    const bool usual = shape && is_name((*parts)[0], Name::ndarray) && is_integer((*shape)[0], 0) &&
                       is_string((*parts)[2], "b");
    if (!usual) place.refuse("the arguments (ndarray, (0,), 'b') of _reconstruct", describe(arguments));
    return {UnbuiltArray{}};
  }
  if (is_name(callable, Name::dtype)) {
    const Tuple* parts = tuple_of(arguments, 3);
    if (!parts) place.refuse("three arguments of dtype", describe(arguments));
    return make_dtype(*parts, place);
  }
  if (is_name(callable, Name::defaultdict)) {
    const Tuple* parts = tuple_of(arguments, 1);
    if (!parts || !is_name((*parts)[0], Name::list)) {
      place.refuse("the argument list of defaultdict", describe(arguments));
    }
    return {std::make_unique<Lists>()};
  }
  place.refuse("_reconstruct, dtype or defaultdict before REDUCE", describe(callable));
}

Value make_object(const Value& type, const Value& arguments, const Place& place) {
  if (!is_name(type, Name::csr_matrix)) place.refuse("csr_matrix before NEWOBJ", describe(type));
  if (!tuple_of(arguments, 0)) place.refuse("no arguments for csr_matrix", describe(arguments));
  return {UnbuiltMatrix{}};
}

Value build(const Value& object, const Value& state, const Place& place) {
  if (const Dtype* dtype = object.as<Dtype>()) {
    check_dtype_state(state, place);
    return {*dtype};
  }
  if (object.as<UnbuiltArray>()) return build_array(state, place);
  if (object.as<UnbuiltMatrix>()) return build_matrix(state, place);
  place.refuse("an array, dtype or matrix without contents before BUILD", describe(object));
}

}  // namespace gnn::datasets::pickle

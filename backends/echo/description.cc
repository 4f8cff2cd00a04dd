#include "echo/description.h"

#include <array>
#include <charconv>

namespace slipway::echo {
namespace {

using backend::Failure;

constexpr std::array<std::string_view, 15> kDatatypes = {"",       "BOOL", "UINT8", "UINT16", "UINT32",
                                                         "UINT64", "INT8", "INT16", "INT32",  "INT64",
                                                         "FP16",   "FP32", "FP64",  "BYTES",  "BF16"};

struct Line {
  std::size_t number;
  std::vector<std::string_view> words;

  [[noreturn]] void refuse(const std::string& what) const {
    throw Failure(SLIPWAY_INVALID_INPUT, "line " + std::to_string(number) + ": " + what);
  }
  std::string_view word(std::size_t i, const char* form) const {
    if (i >= words.size()) refuse("expected \"" + std::string(form) + "\"");
    return words[i];
  }
  template <class T>
  T number_at(std::size_t i, const char* form) const {
    const std::string_view text = word(i, form);
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) {
      refuse("expected a whole number in \"" + std::string(form) + "\", found \"" + std::string(text) + "\"");
    }
    return value;
  }
};

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(separators, at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(separators, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

slipway_datatype datatype_of(const Line& line, std::string_view name) {
  for (std::size_t i = 1; i < kDatatypes.size(); ++i) {
    if (kDatatypes[i] == name) return static_cast<slipway_datatype>(i);
  }
  line.refuse("unknown datatype \"" + std::string(name) + "\"");
}

std::vector<std::int64_t> shape_of(const Line& line, std::string_view text) {
  if (text.size() < 2 || text.front() != '[' || text.back() != ']') {
    line.refuse("expected a shape such as [-1,4], found \"" + std::string(text) + "\"");
  }
  Line dimensions{line.number, split(text.substr(1, text.size() - 2), ",")};
  std::vector<std::int64_t> shape;
  for (std::size_t i = 0; i < dimensions.words.size(); ++i) {
    shape.push_back(dimensions.number_at<std::int64_t>(i, "[dimension,...]"));
    if (shape.back() < -1) line.refuse("expected dimensions of -1 or more, found " + std::to_string(shape.back()));
  }
  return shape;
}

std::size_t input_of(const Line& line, const Description& description, std::string_view name) {
  for (std::size_t i = 0; i < description.inputs.size(); ++i) {
    if (description.inputs[i].name == name) return i;
  }
  line.refuse("no input is named \"" + std::string(name) + "\"");
}

Misbehaviour misbehaviour_of(const Line& line, std::string_view name) {
  if (name == "crash") return Misbehaviour::Crash;
  if (name == "hang") return Misbehaviour::Hang;
  if (name == "fail") return Misbehaviour::Fail;
  line.refuse("expected crash, hang or fail, found \"" + std::string(name) + "\"");
}

void add_output(const Line& line, Description& made) {
  constexpr auto kForm = "output NAME from INPUT";
  if (line.word(2, kForm) != "from") line.refuse("expected \"" + std::string(kForm) + "\"");
  const std::size_t input = input_of(line, made, line.word(3, kForm));
  backend::Spec spec = made.inputs[input];
  if (spec.optional) line.refuse("an output needs an input that is always given, found an optional one");
  spec.name = line.word(1, kForm);
  made.outputs.push_back(std::move(spec));
  made.sources.push_back({input, 0});
}

void add_constant(const Line& line, Description& made) {
  constexpr auto kForm = "constant NAME NUMBER";
  made.outputs.push_back({std::string(line.word(1, kForm)), SLIPWAY_INT64, {-1, 1}});
  made.sources.push_back({std::nullopt, line.number_at<std::int64_t>(2, kForm)});
}

void read_line(const Line& line, Description& made) {
  const std::string_view what = line.words.front();
  if (what == "input" || what == "optional") {
    constexpr auto kForm = "input NAME DATATYPE [DIMENSIONS]";
    made.inputs.push_back({std::string(line.word(1, kForm)), datatype_of(line, line.word(2, kForm)),
                           shape_of(line, line.word(3, kForm)), what == "optional"});
  } else if (what == "output") {
    add_output(line, made);
  } else if (what == "constant") {
    add_constant(line, made);
  } else if (what == "cost") {
    made.fixed_cost_us = line.number_at<std::uint64_t>(1, "cost FIXED_US PER_ROW_US");
    made.row_cost_us = line.number_at<std::uint64_t>(2, "cost FIXED_US PER_ROW_US");
  } else if (what == "fail_row") {
    made.fail_row = {input_of(line, made, line.word(1, "fail_row INPUT VALUE")),
                     std::string(line.word(2, "fail_row INPUT VALUE"))};
  } else if (what == "fail_batch") {
    made.fail_batch = {input_of(line, made, line.word(1, "fail_batch INPUT VALUE")),
                       std::string(line.word(2, "fail_batch INPUT VALUE"))};
  } else if (what == "hang_row") {
    made.hang_row = {input_of(line, made, line.word(1, "hang_row INPUT VALUE")),
                     std::string(line.word(2, "hang_row INPUT VALUE"))};
  } else if (what == "mixes_rows") {
    made.mixes_rows = true;
  } else if (what == "mixes_rows_after") {
    made.mixes_rows_after = {input_of(line, made, line.word(1, "mixes_rows_after INPUT VALUE")),
                             std::string(line.word(2, "mixes_rows_after INPUT VALUE"))};
  } else if (what == "memory") {
    made.memory_bytes = line.number_at<std::uint64_t>(1, "memory BYTES");
  } else if (what == "at_load") {
    made.at_load = misbehaviour_of(line, line.word(1, "at_load crash|hang|fail"));
  } else if (what == "at_execute") {
    made.at_execute = misbehaviour_of(line, line.word(1, "at_execute crash|hang|fail"));
  } else {
    line.refuse("unknown word \"" + std::string(what) + "\"");
  }
}

}  // namespace

Description Description::parse(std::string_view text) {
  Description made;
  std::size_t number = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    Line line{++number, split(text.substr(0, std::min(end, text.find('#'))), " \t\r")};
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!line.words.empty()) read_line(line, made);
  }
  if (made.inputs.empty() || made.outputs.empty()) {
    throw Failure(SLIPWAY_INVALID_INPUT, "expected at least one input and one output line, found " +
                                             std::to_string(made.inputs.size()) + " and " +
                                             std::to_string(made.outputs.size()));
  }
  return made;
}

}  // namespace slipway::echo

#include "adapter/api_oip/infer_reader.h"

#include <algorithm>

#include "adapter/codec/json_tensor.h"
#include "base/text.h"
#include "domain/model/assignment_rule.h"

namespace slipway::api_oip {

using codec::JsonReader;

Result<void> InferReader::read() {
  if (read_top() && reader_.finish()) {
    TRY(binary_.finish());
    return {};
  }
  Error error = refused_ ? *refused_ : reader_.error();
  if (input_name_.empty()) return error;
  return std::move(error).within(std::string("input \"") + printable(input_name_) + "\"");
}

bool InferReader::read_top() {
  if (!reader_.enter_object()) return false;
  while (const auto key = reader_.next_key()) {
    bool read = false;
    if (*key == "inputs") {
      read = read_inputs();
    } else if (*key == "outputs") {
      read = read_outputs();
    } else if (*key == "id") {
      read = once(request_.id_, reader_.string(), "id");
    } else if (*key == "parameters") {
      read = read_request_parameters();
    } else {
      read = reader_.skip();  // Triton accepts keys nobody knows, so clients send them
    }
    if (!read) return false;
  }
  if (reader_.failed()) return false;
  return has_inputs_ || reader_.fail("expected the key \"inputs\", found an object without it");
}

template <class Value>
bool InferReader::once(std::optional<Value>& slot, std::optional<Value> read, std::string_view key) {
  if (!read) return false;
  if (slot) return reader_.fail("expected the key \"" + std::string(key) + "\" once, found it again");
  slot = std::move(read);
  return true;
}

std::optional<std::uint64_t> InferReader::whole_number() {
  const codec::NumberText number = reader_.number();
  if (!number) return std::nullopt;
  const auto value = to_uint64(number);
  if (!value) {
    reader_.fail_at(static_cast<std::size_t>(number.begin - reader_.text().data()),
                    "expected a whole number from 0, found " + printable(number.text(), 40));
  }
  return value;
}

bool InferReader::skip_parameter() {
  const JsonReader::Kind kind = reader_.peek();
  if (kind == JsonReader::Kind::Object || kind == JsonReader::Kind::Array || kind == JsonReader::Kind::Null) {
    return reader_.fail_expected("a string, number or boolean as parameter");
  }
  return reader_.skip();
}

bool InferReader::refuse(Error error) {
  refused_ = std::move(error);
  return false;
}

bool InferReader::read_request_parameters() {
  if (!reader_.enter_object()) return false;
  std::optional<std::uint64_t> timeout;
  std::optional<std::uint64_t> priority;
  std::optional<bool> binary;
  while (const auto key = reader_.next_key()) {
    bool read = false;
    if (*key == "timeout") {
      read = once(timeout, whole_number(), *key);
    } else if (*key == "priority") {
      read = once(priority, whole_number(), *key);
    } else if (*key == model::kUnitParameter) {
      read = once(request_.unit_, reader_.string(), *key);
    } else if (*key == "binary_data_output") {
      read = once(binary, reader_.boolean(), *key);
    } else {
      read = skip_parameter();
    }
    if (!read) return false;
  }
  if (timeout) request_.set_timeout(*timeout);
  if (priority) request_.set_priority(*priority);
  request_.binary_outputs_ = binary.value_or(false);
  return !reader_.failed();
}

bool InferReader::read_inputs() {
  if (has_inputs_) return reader_.fail("expected the key \"inputs\" once, found it again");
  has_inputs_ = true;
  if (!reader_.enter_array()) return false;
  while (reader_.next_element()) {
    if (request_.inputs_.size() == kMaxTensors) {
      return reader_.fail("expected at most " + std::to_string(kMaxTensors) + " inputs, found more");
    }
    if (!read_input()) return false;
  }
  return !reader_.failed();
}

bool InferReader::read_input() {
  const std::size_t begin = reader_.offset();
  Draft draft;
  if (!reader_.enter_object()) return false;
  while (const auto key = reader_.next_key()) {
    if (!read_input_key(draft, *key)) return false;
  }
  if (reader_.failed() || !finish_input(draft, begin)) return false;
  input_name_ = {};
  return true;
}

bool InferReader::read_input_key(Draft& draft, std::string_view key) {
  if (key == "data") {
    if (draft.has_data || draft.data_at) return reader_.fail("expected the key \"data\" once, found it again");
    if (draft.shape && draft.datatype) return read_data(draft);
    draft.data_at = reader_.offset();
    return reader_.skip();
  }
  if (key == "name") {
    if (!once(draft.name, reader_.string(), key)) return false;
    input_name_ = *draft.name;
    return true;
  }
  if (key == "shape") return once(draft.shape, codec::read_json_shape(reader_), key);
  if (key == "datatype") {
    const std::size_t at = reader_.offset();
    const auto text = reader_.string();
    if (!text) return false;
    const auto datatype = tensor::parse_data_type(*text);
    if (!datatype) {
      return reader_.fail_at(at, expected_datatype(*text));
    }
    return once(draft.datatype, datatype, key);
  }
  if (key == "parameters") return read_input_parameters(draft);
  return reader_.skip();
}

bool InferReader::read_input_parameters(Draft& draft) {
  if (!reader_.enter_object()) return false;
  while (const auto key = reader_.next_key()) {
    if (*key == "shared_memory_region") {
      return reader_.fail("shared memory is not supported: send the tensor's data in the request");
    }
    const bool read = *key == "binary_data_size" ? once(draft.binary_size, whole_number(), *key) : skip_parameter();
    if (!read) return false;
  }
  return !reader_.failed();
}

bool InferReader::read_data(Draft& draft) {
  const std::size_t begin = reader_.offset();
  const auto data = codec::read_json_elements(reader_, {{}, *draft.datatype, *draft.shape, {}}, arena_);
  if (!data) return false;
  elements_ = {begin, reader_.offset()};
  draft.data = *data;
  draft.has_data = true;
  return true;
}

bool InferReader::finish_input(Draft& draft, std::size_t begin) {
  const auto missing = [&](std::string_view key) {
    return reader_.fail_at(begin, "expected the key \"" + std::string(key) + "\" in a tensor, found none");
  };
  if (!draft.name) return missing("name");
  if (!draft.shape) return missing("shape");
  if (!draft.datatype) return missing("datatype");
  if (draft.binary_size) {
    if (draft.has_data || draft.data_at) {
      return reader_.fail_at(begin, "expected either \"data\" or the parameter binary_data_size, found both");
    }
    auto bytes = binary_.take(*draft.name, *draft.binary_size);
    if (!bytes) return refuse(std::move(bytes).error());
    const tensor::TensorView view{*draft.name, *draft.datatype, *draft.shape, *bytes};
    if (auto good = codec::check_binary(view); !good) return refuse(std::move(good).error());
    request_.inputs_.push_back(view);
    return true;
  }
  if (draft.data_at) {
    const std::size_t after = reader_.offset();
    reader_.rewind(*draft.data_at);
    if (!read_data(draft)) return false;
    reader_.rewind(after);
  }
  if (!draft.has_data) return missing("data");
  request_.inputs_.push_back({*draft.name, *draft.datatype, *draft.shape, draft.data});
  return true;
}

bool InferReader::read_outputs() {
  if (has_outputs_) return reader_.fail("expected the key \"outputs\" once, found it again");
  has_outputs_ = true;
  if (!reader_.enter_array()) return false;
  while (reader_.next_element()) {
    if (request_.outputs_.size() == kMaxTensors) {
      return reader_.fail("expected at most " + std::to_string(kMaxTensors) + " outputs, found more");
    }
    if (!read_output()) return false;
  }
  return !reader_.failed();
}

bool InferReader::read_output() {
  const std::size_t begin = reader_.offset();
  OutputWish wish;
  std::optional<std::string_view> name;
  if (!reader_.enter_object()) return false;
  while (const auto key = reader_.next_key()) {
    bool read = false;
    if (*key == "name") {
      read = once(name, reader_.string(), *key);
    } else {
      read = *key == "parameters" ? read_output_parameters(wish) : reader_.skip();
    }
    if (!read) return false;
  }
  if (reader_.failed()) return false;
  if (!name) return reader_.fail_at(begin, "expected the key \"name\" in a requested output, found none");
  // Asking twice would let a small request ask for an answer of any size.
  if (request_.wishes_for(*name))
    return reader_.fail_at(begin, "expected output \"" + printable(*name) + "\" once, found it again");
  wish.name = *name;
  request_.outputs_.push_back(wish);
  return true;
}

bool InferReader::read_output_parameters(OutputWish& wish) {
  if (!reader_.enter_object()) return false;
  std::optional<std::uint64_t> classes;
  while (const auto key = reader_.next_key()) {
    if (*key == "shared_memory_region") {
      return reader_.fail("shared memory is not supported: the output comes in the answer");
    }
    bool read = false;
    if (*key == "binary_data") {
      read = once(wish.binary, reader_.boolean(), *key);
    } else if (*key == "classification") {
      read = once(classes, whole_number(), *key);
    } else {
      read = skip_parameter();
    }
    if (!read) return false;
  }
  wish.classes = classes.value_or(0);
  return !reader_.failed();
}

}  // namespace slipway::api_oip

// InferReader: the JSON half of an infer request, key by key. Used by InferRequest only.
#pragma once

#include <optional>
#include <string_view>

#include "adapter/api_oip/infer_request.h"
#include "adapter/codec/binary_tensor.h"
#include "adapter/codec/json_reader.h"

namespace slipway::api_oip {

// Lives for one request. Fails once; the error names the tensor it was reading.
class InferReader {
 public:
  InferReader(InferRequest& request, ByteSpan json, ByteSpan binary, codec::Arena& arena)
      : request_(request), reader_(as_text(json), arena), binary_(binary), arena_(arena) {}

  Result<void> read();

  struct Place {
    std::size_t begin, end;
  };
  // Where the elements of the input last read stand in the JSON; nullopt: none are written there.
  std::optional<Place> elements() const { return elements_; }

 private:
  // What a tensor says before its data can be read.
  struct Draft {
    std::optional<std::string_view> name;
    std::optional<tensor::Shape> shape;
    std::optional<tensor::DataType> datatype;
    std::optional<std::size_t> data_at;  // where "data" begins, when it came before shape and datatype
    std::optional<std::uint64_t> binary_size;
    ByteSpan data;
    bool has_data = false;
  };

  bool read_top();
  bool read_request_parameters();
  bool read_inputs();
  bool read_input();
  bool read_input_key(Draft& draft, std::string_view key);
  bool read_input_parameters(Draft& draft);
  bool read_data(Draft& draft);
  bool finish_input(Draft& draft, std::size_t begin);
  bool read_outputs();
  bool read_output();
  bool read_output_parameters(OutputWish& wish);

  bool skip_parameter();  // a value of a parameter nobody knows: a string, number or boolean
  template <class Value>
  bool once(std::optional<Value>& slot, std::optional<Value> read, std::string_view key);
  std::optional<std::uint64_t> whole_number();
  bool refuse(Error error);

  InferRequest& request_;
  codec::JsonReader reader_;
  codec::BinarySection binary_;
  codec::Arena& arena_;
  std::string_view input_name_;   // of the input being read, for errors
  std::optional<Error> refused_;  // an error that is not the JSON reader's
  std::optional<Place> elements_;
  bool has_inputs_ = false;
  bool has_outputs_ = false;
};

}  // namespace slipway::api_oip

// InferForm: what stays the same in the JSON of similar requests: all of it but the elements of their one tensor.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "adapter/codec/arena.h"
#include "domain/tensor/tensor.h"

namespace slipway::api_oip {

// Remembers one text. One thread. A client sends the same keys, name, shape and datatype again and again; where a text
// equals the remembered one outside its elements, only these are read, and it means what the whole would have meant.
class InferForm {
 public:
  // The input of `json`. nullopt: another form, or an error in it: read the whole.
  std::optional<tensor::TensorView> read(std::string_view json, codec::Arena& arena) const;
  // Requires: `json` says nothing but `input`, whose elements stand from `data_begin` until `data_end`.
  void remember(std::string_view json, std::size_t data_begin, std::size_t data_end, const tensor::TensorView& input);

 private:
  static constexpr std::size_t kMost = 1024;  // bytes remembered
  std::string before_, after_;                // the elements; before_ is empty when nothing is remembered
  tensor::DataType datatype_{};
  tensor::Shape shape_;
  std::size_t name_at_ = 0, name_size_ = 0;
};

}  // namespace slipway::api_oip

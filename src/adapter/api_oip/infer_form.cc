#include "adapter/api_oip/infer_form.h"

#include "adapter/codec/json_reader.h"
#include "adapter/codec/json_tensor.h"

namespace slipway::api_oip {

std::optional<tensor::TensorView> InferForm::read(std::string_view json, codec::Arena& arena) const {
  if (before_.empty() || json.size() < before_.size() + after_.size()) return std::nullopt;
  if (!json.ends_with(after_) || !json.starts_with(before_)) return std::nullopt;
  tensor::TensorView input{json.substr(name_at_, name_size_), datatype_, shape_, {}};
  codec::JsonReader reader(json, arena);
  reader.rewind(before_.size());
  const auto data = codec::read_json_elements(reader, input, arena);
  if (!data || reader.offset() != json.size() - after_.size()) return std::nullopt;
  input.data = *data;
  return input;
}

void InferForm::remember(std::string_view json, std::size_t data_begin, std::size_t data_end,
                         const tensor::TensorView& input) {
  before_.clear();
  const bool name_stands_there =
      input.name.data() >= json.data() && input.name.data() + input.name.size() <= json.data() + data_begin;
  if (!name_stands_there || data_begin + json.size() - data_end > kMost) return;
  before_ = json.substr(0, data_begin);
  after_ = json.substr(data_end);
  datatype_ = input.datatype;
  shape_ = input.shape;
  name_at_ = static_cast<std::size_t>(input.name.data() - json.data());
  name_size_ = input.name.size();
}

}  // namespace slipway::api_oip

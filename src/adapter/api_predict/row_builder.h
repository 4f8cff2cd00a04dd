// RowBuilder: collects rows of values, in any order within a row, into the inputs of a model.
#pragma once

#include <string_view>
#include <vector>

#include "adapter/codec/json_reader.h"
#include "domain/tensor/row_plan.h"
#include "domain/tensor/tensor.h"

namespace slipway::api_predict {

// All rows of one input. Borrowed from the builder.
struct BuiltInput {
  std::size_t input;  // index into the signature's inputs
  ByteSpan data;
};

// Lives for one request. Texts it is given must live as long as it does.
class RowBuilder {
 public:
  explicit RowBuilder(const tensor::RowPlan& plan) : plan_(plan) {
    data_.resize(plan.signature().inputs.size());
    used_.resize(data_.size());
    given_.resize(plan.columns().size());
    texts_.resize(plan.columns().size());
  }

  void begin_row();
  // Reads the column's value. InvalidInput names the feature; or it is given twice.
  Result<void> read(std::size_t column, codec::JsonReader& reader);
  Result<void> set_text(std::size_t column, std::string_view text);  // Requires: a BYTES column
  Result<void> end_row();                                            // InvalidInput names what is missing

  const tensor::RowPlan& plan() const { return plan_; }
  std::uint64_t rows() const { return rows_; }
  Bytes held() const;  // memory of the inputs
  // Optional inputs that no row gave are left out. InvalidInput: no rows, or an optional input in some of them only.
  Result<std::vector<BuiltInput>> finish() const;

 private:
  const tensor::TensorSpec& spec_of(std::size_t column) const {
    return plan_.signature().inputs[plan_.columns()[column].input];
  }
  Result<void> take(std::size_t column);
  std::byte* place_of(std::size_t column);
  Result<void> check_given();

  const tensor::RowPlan& plan_;
  std::uint64_t rows_ = 0;
  std::vector<std::vector<std::byte>> data_;  // by input
  std::vector<std::uint64_t> used_;           // rows that gave this input
  std::vector<bool> given_;                   // of the row being read, by column
  std::vector<std::string_view> texts_;       // of the row being read, by column
};

// Reads {"features":{...}}, {"features":[{...},...]}, {"row":[...]}, {"rows":[[...],{...},...]}, or a row or a list of
// rows without anything around it.
Result<void> read_json_rows(ByteSpan body, RowBuilder& rows, codec::Arena& arena);

// Reads comma-separated values, quoted as RFC 4180 says. The first line may name the features, in any order.
Result<void> read_csv_rows(ByteSpan body, RowBuilder& rows, codec::Arena& arena);

}  // namespace slipway::api_predict

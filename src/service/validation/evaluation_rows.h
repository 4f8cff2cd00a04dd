// Evaluation rows: the columns of a table as the inputs of a model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/gate/measurements.h"
#include "domain/tensor/row_plan.h"
#include "ports/gate_probe.h"
#include "ports/table_reader.h"

namespace slipway::validation {

// A value. All rows of the table, input by input.
struct EvaluationRows {
  std::uint64_t rows = 0;
  std::vector<tensor::Tensor> inputs;
  ports::RowSet set(std::string name) const;  // borrows
};

const ports::TableColumn* find_column(const ports::Table& table, std::string_view name);
// What evaluation data calls this value of a row: the feature, the input of one value, else "input[3]".
std::string column_name(const tensor::RowPlan& plan, std::size_t column);

// Gaps become NaN where the input has floating point, and empty texts. InvalidInput names column and row: a column that
// is not there, a text where a number belongs, a gap or a fraction where a whole number belongs, an input that does not
// count rows.
Result<EvaluationRows> make_inputs(const ports::Table& table, const tensor::RowPlan& plan);

// What is there and what is not, for the schema gate. `spoken_for`: columns that are used otherwise, such as the label.
gate::SchemaMeasurement look_at_schema(const ports::Table& table, const tensor::RowPlan& plan,
                                       const std::vector<std::string>& spoken_for);

// The cell as a text, numbers as they read shortest.
std::string text_of(const ports::TableColumn& column, std::uint64_t row);

}  // namespace slipway::validation

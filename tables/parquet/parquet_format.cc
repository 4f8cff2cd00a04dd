// Parquet by Apache Arrow, behind the table ABI.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <string>

#include "cells.h"
#include "slipway/table_abi.h"

namespace slipway_parquet {
namespace {

struct Job {
  const void* content;
  std::uint64_t size;
  const slipway_table_limits& limits;
  slipway_take_column take;
  void* host;
};

arrow::Status check_counts(const parquet::FileMetaData& file, const slipway_table_limits& limits) {
  const auto rows = static_cast<std::uint64_t>(file.num_rows());
  const auto columns = static_cast<std::uint64_t>(file.num_columns());
  if (file.num_rows() < 0 || rows > limits.rows) {
    return arrow::Status::Invalid("expected at most ", limits.rows, " rows, found ", file.num_rows());
  }
  if (columns > limits.columns) {
    return arrow::Status::Invalid("expected at most ", limits.columns, " columns, found ", columns);
  }
  if (columns != 0 && rows > limits.cells / columns) {
    return arrow::Status::Invalid("expected at most ", limits.cells, " cells, found more");
  }
  return arrow::Status::OK();
}

arrow::Result<bool> give(const Job& job, const std::string& name, const arrow::ChunkedArray& column) {
  ARROW_ASSIGN_OR_RAISE(const Cells cells, cells_of(column, job.limits.text_bytes));
  const slipway_table_column given{.struct_size = sizeof(slipway_table_column),
                                   .kind = cells.is_text ? SLIPWAY_TEXT : SLIPWAY_NUMBER,
                                   .name = name.data(),
                                   .name_length = name.size(),
                                   .rows = cells.missing.size(),
                                   .missing = cells.missing.data(),
                                   .numbers = cells.numbers.data(),
                                   .texts = cells.texts.data(),
                                   .text_ends = cells.text_ends.data()};
  return job.take(job.host, &given) == 0;
}

// False: the host has had enough.
arrow::Result<bool> read_columns(const Job& job) {
  arrow::CappedMemoryPool pool(arrow::system_memory_pool(), static_cast<std::int64_t>(job.limits.memory));
  auto source = std::make_shared<arrow::io::BufferReader>(std::make_shared<arrow::Buffer>(
      static_cast<const std::uint8_t*>(job.content), static_cast<std::int64_t>(job.size)));
  parquet::ReaderProperties properties(&pool);
  parquet::ArrowReaderProperties arrow_properties(false);  // no threads
  arrow_properties.set_pre_buffer(false);
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Open(source, properties));
  ARROW_RETURN_NOT_OK(check_counts(*builder.raw_reader()->metadata(), job.limits));
  ARROW_ASSIGN_OR_RAISE(const auto reader, builder.memory_pool(&pool)->properties(arrow_properties)->Build());
  std::shared_ptr<arrow::Schema> schema;
  ARROW_RETURN_NOT_OK(reader->GetSchema(&schema));
  for (int i = 0; i < schema->num_fields(); ++i) {
    std::shared_ptr<arrow::ChunkedArray> column;
    const std::string& name = schema->field(i)->name();
    auto read = reader->ReadColumn(i, &column);
    const auto given = read.ok() ? give(job, name, *column) : arrow::Result<bool>(read);
    if (!given.ok()) return given.status().WithMessage("\"", name, "\": ", given.status().message());
    if (!*given) return false;
  }
  return true;
}

void tell(slipway_error* error, const std::string& text) {
  if (!error || error->capacity == 0) return;
  const std::size_t length = std::min(text.size(), error->capacity - 1);
  std::memcpy(error->text, text.data(), length);
  error->text[length] = '\0';
}

std::int32_t read(const void* content, std::uint64_t size, const slipway_table_limits* limits, slipway_take_column take,
                  void* host, slipway_error* error) {
  try {
    const auto done = read_columns({content, size, *limits, take, host});
    if (done.ok()) return *done ? SLIPWAY_OK : SLIPWAY_CANCELLED;
    tell(error, done.status().message());
    return SLIPWAY_INVALID_INPUT;
  } catch (const std::bad_alloc&) {
    tell(error, "it needs more memory than there is");
  } catch (const std::exception& failure) {
    tell(error, failure.what());
  } catch (...) {
    tell(error, "Arrow failed and gave no reason");
  }
  return SLIPWAY_INVALID_INPUT;
}

constexpr slipway_table_format kFormat{.struct_size = sizeof(slipway_table_format),
                                       .abi_major = SLIPWAY_TABLE_ABI_MAJOR,
                                       .abi_minor = SLIPWAY_TABLE_ABI_MINOR,
                                       .name = "parquet",
                                       .version = ARROW_VERSION_STRING,
                                       .read = read};

}  // namespace
}  // namespace slipway_parquet

extern "C" __attribute__((visibility("default"))) const slipway_table_format* slipway_table_entry() {
  return &slipway_parquet::kFormat;
}

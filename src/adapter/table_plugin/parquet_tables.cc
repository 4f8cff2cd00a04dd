#include "adapter/table_plugin/parquet_tables.h"

#include <dlfcn.h>

#include <array>
#include <filesystem>
#include <new>
#include <optional>

#include "adapter/table_plugin/column_taker.h"
#include "base/text.h"

namespace slipway::table_plugin {
namespace {

constexpr const char* kPlugin = "slipway_table_parquet.so";
constexpr Bytes kTextOfAColumn = gibibytes(1);
constexpr Bytes kLibraryMemory = gibibytes(4);

Error cannot_load(const std::string& path, const std::string& why) {
  return unavailable("table plugin " + path + ": " + why);
}

Result<const slipway_table_format*> load(const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return cannot_load(path, dlerror());
  const auto entry = reinterpret_cast<slipway_table_entry_fn>(dlsym(library, SLIPWAY_TABLE_ENTRY));
  const slipway_table_format* const format = entry ? entry() : nullptr;
  if (format == nullptr) return cannot_load(path, "expected " SLIPWAY_TABLE_ENTRY " to give a format, found none");
  if (format->abi_major != SLIPWAY_TABLE_ABI_MAJOR || format->struct_size < sizeof(slipway_table_format) ||
      !format->read) {
    return cannot_load(path, "expected the table ABI " + std::to_string(SLIPWAY_TABLE_ABI_MAJOR) +
                                 ".x in full, found " + std::to_string(format->abi_major) + "." +
                                 std::to_string(format->abi_minor) + " in " + std::to_string(format->struct_size) +
                                 " bytes");
  }
  return format;
}

// What a plugin calls back with; no exception crosses the line.
struct Taking {
  ColumnTaker taker;
  std::optional<Error> failure;

  static std::int32_t take(void* host, const slipway_table_column* column) {
    auto& self = *static_cast<Taking*>(host);
    try {
      auto taken = self.taker.take(*column);
      if (!taken.ok()) self.failure = std::move(taken).error();
    } catch (const std::bad_alloc&) {
      self.failure = overloaded("it needs more memory than there is");
    }
    return self.failure ? 1 : 0;
  }
};

}  // namespace

Result<std::unique_ptr<ParquetTables>> ParquetTables::open(const std::vector<std::string>& search_path,
                                                           ports::TableLimits limits) {
  std::string searched;
  for (const std::string& folder : search_path) {
    const auto path = std::filesystem::path(folder) / kPlugin;
    std::error_code unreadable;
    if (std::filesystem::exists(path, unreadable)) {
      const slipway_table_format* const format = TRY(load(path.string()));
      return std::unique_ptr<ParquetTables>(new ParquetTables(*format, limits));
    }
    searched += (searched.empty() ? "" : ", ") + folder;
  }
  return unavailable("Parquet is read by the plugin " + std::string(kPlugin) + ", which is in none of: " + searched +
                     "; get it with `tools/setup.sh parquet` and another build, or convert the data to .csv or .jsonl");
}

Result<ports::Table> ParquetTables::read(ByteSpan content, std::string_view name) {
  const slipway_table_limits limits{.struct_size = sizeof(slipway_table_limits),
                                    .reserved = 0,
                                    .rows = limits_.rows,
                                    .columns = limits_.columns,
                                    .cells = limits_.cells,
                                    .text_bytes = kTextOfAColumn.count,
                                    .memory = kLibraryMemory.count};
  Taking taking{.taker = ColumnTaker(limits_), .failure = {}};
  std::array<char, 1024> text{};
  slipway_error error{text.data(), text.size()};
  const std::int32_t status = format_.read(content.data(), content.size(), &limits, Taking::take, &taking, &error);
  const std::string where = printable(name);
  if (taking.failure) return (*std::move(taking.failure)).within(where);
  if (status == SLIPWAY_OK) {
    auto table = std::move(taking.taker).finish();
    if (!table.ok()) return std::move(table).error().within(where);
    return table;
  }
  Error failed = status == SLIPWAY_INVALID_INPUT
                     ? invalid_input("expected a whole Parquet file: " + printable(text.data(), 400))
                     : unavailable("the table plugin failed: " + printable(text.data(), 400));
  return std::move(failed).within(where);
}

}  // namespace slipway::table_plugin

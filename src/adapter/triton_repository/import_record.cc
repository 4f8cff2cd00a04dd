#include "adapter/triton_repository/import_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

#include "adapter/codec/json_reader.h"
#include "base/text.h"

namespace slipway::triton_repository {
namespace {

using codec::JsonReader;

constexpr std::uint64_t kLayout = 1;

Error file_error(const std::string& doing) {
  return unavailable(doing + ": " + std::strerror(errno));
}

void append_reason(std::string& out, const Digest& stamp, std::string_view reason) {
  out += "\"stamp\": \"" + stamp.hex() + "\", \"reason\": ";
  append_json_string(out, reason);
}

void append_version(std::string& out, model::VersionNumber version, const VersionRecord& record) {
  out += "\n      {\"version\": " + std::to_string(version) + ", \"number\": " + std::to_string(record.number) + ", ";
  append_reason(out, record.stamp, record.reason);
  out += "}";
}

std::optional<std::uint64_t> whole_number(JsonReader& reader) {
  const auto number = reader.number();
  if (!number) return std::nullopt;
  std::uint64_t value = 0;
  const auto [end, status] = std::from_chars(number.begin, number.end, value);
  if (status == std::errc{} && end == number.end) return value;
  reader.fail("expected a whole number");
  return std::nullopt;
}

void read_stamp(JsonReader& reader, Digest& stamp) {
  const auto text = reader.string();
  if (!text) return;
  const auto digest = parse_digest(std::string(*text));
  if (digest) {
    stamp = *digest;
  } else {
    reader.fail("expected a SHA-256");
  }
}

void read_version(JsonReader& reader, ImportRecord& record) {
  VersionRecord version;
  std::uint64_t number = 0;
  if (!reader.enter_object()) return;
  while (const auto key = reader.next_key()) {
    if (*key == "version") {
      number = whole_number(reader).value_or(0);
    } else if (*key == "number") {
      version.number = whole_number(reader).value_or(0);
    } else if (*key == "stamp") {
      read_stamp(reader, version.stamp);
    } else if (*key == "reason") {
      version.reason = reader.string().value_or("");
    } else {
      reader.skip();
    }
  }
  record.versions[number] = std::move(version);
}

void read_model(JsonReader& reader, ImportRecords& records) {
  ImportRecord record;
  std::string name;
  if (!reader.enter_object()) return;
  while (const auto key = reader.next_key()) {
    if (*key == "name") {
      name = reader.string().value_or("");
    } else if (*key == "stamp") {
      read_stamp(reader, record.stamp);
    } else if (*key == "reason") {
      record.reason = reader.string().value_or("");
    } else if (*key == "from_request") {
      record.from_request = reader.boolean().value_or(false);
    } else if (*key == "deployed") {
      if (!reader.enter_array()) return;
      while (reader.next_element()) record.deployed.push_back(whole_number(reader).value_or(0));
    } else if (*key == "versions") {
      if (!reader.enter_array()) return;
      while (reader.next_element()) read_version(reader, record);
    } else {
      reader.skip();
    }
  }
  records[name] = std::move(record);
}

}  // namespace

std::string write_records(const ImportRecords& records) {
  std::string out = "{\"layout\": " + std::to_string(kLayout) + ", \"models\": [";
  bool first = true;
  for (const auto& [name, record] : records) {
    out += std::exchange(first, false) ? "\n  {\"name\": " : ",\n  {\"name\": ";
    append_json_string(out, name);
    out += ", \"from_request\": " + std::string(record.from_request ? "true" : "false") + ", ";
    append_reason(out, record.stamp, record.reason);
    out += ", \"deployed\": [";
    for (std::size_t i = 0; i < record.deployed.size(); ++i) {
      out += (i == 0 ? "" : ", ") + std::to_string(record.deployed[i]);
    }
    out += "],\n    \"versions\": [";
    bool first_version = true;
    for (const auto& [version, taken] : record.versions) {
      if (!std::exchange(first_version, false)) out += ",";
      append_version(out, version, taken);
    }
    out += "]}";
  }
  return out + "\n]}\n";
}

Result<ImportRecords> read_records(std::string_view text) {
  ImportRecords records;
  codec::Arena arena;
  JsonReader reader(text, arena);
  std::uint64_t layout = 0;
  if (reader.enter_object()) {
    while (const auto key = reader.next_key()) {
      if (*key == "layout") {
        layout = whole_number(reader).value_or(0);
      } else if (*key == "models") {
        if (!reader.enter_array()) break;
        while (reader.next_element()) read_model(reader, records);
      } else {
        reader.skip();
      }
    }
    reader.finish();
  }
  if (reader.failed()) return corrupt(reader.error().message);
  if (layout != kLayout) return corrupt("expected layout 1, found " + std::to_string(layout));
  return records;
}

Result<ImportRecords> load_records(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return errno == ENOENT ? Result<ImportRecords>(ImportRecords{}) : file_error("opening " + path);
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad()) return file_error("reading " + path);
  return read_records(text.str());
}

Result<void> save_records(const ImportRecords& records, const std::string& path) {
  const std::string text = write_records(records), fresh = path + ".new";
  const int descriptor = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (descriptor < 0) return file_error("writing " + fresh);
  const bool written = ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const bool kept = written && ::fsync(descriptor) == 0;
  if (!kept || ::close(descriptor) != 0) {
    const Error failure = file_error("writing " + fresh);
    if (!kept) ::close(descriptor);
    return failure;
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) return file_error("replacing " + path);
  return {};
}

}  // namespace slipway::triton_repository

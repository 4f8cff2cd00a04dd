#include "adapter/api_oip/repository.h"

#include <functional>
#include <optional>

#include "adapter/codec/base64.h"
#include "adapter/codec/json_reader.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

using codec::decode_base64;
using codec::JsonReader;
using State = ports::ServedState::State;

constexpr Bytes kParametersLimit = mebibytes(1);
constexpr std::size_t kMostFiles = 256;

std::string_view state_name(State state) {
  switch (state) {
    case State::Ready:
      return "READY";
    case State::Loading:
      return "LOADING";
    case State::Unloading:
      return "UNLOADING";
    case State::Unavailable:
      return "UNAVAILABLE";
  }
  return "UNKNOWN";
}

// {"ready": true} or nothing.
Result<bool> wants_only_ready(ByteSpan body) {
  if (body.empty()) return false;
  codec::Arena arena;
  JsonReader reader(as_text(body), arena);
  bool ready = false;
  if (reader.enter_object()) {
    while (const auto key = reader.next_key()) {
      if (*key == "ready") {
        ready = reader.boolean().value_or(false);
      } else {
        reader.skip();
      }
    }
    reader.finish();
  }
  if (reader.failed()) return reader.error();
  return ready;
}

constexpr std::string_view kConfig = "config";
constexpr std::string_view kFile = "file:";

bool is_override(std::string_view parameter) {
  return parameter == kConfig || parameter.starts_with(kFile);
}

std::string quoted(std::string_view parameter) {
  return "load: the parameter \"" + printable(parameter, 80) + "\"";
}

// VERSION/PATH below the model's folder; whoever unpacks it checks the parts.
bool is_file_name(std::string_view path) {
  const std::size_t slash = path.find('/');
  return slash != std::string_view::npos && slash + 1 < path.size() &&
         model::parse_version(path.substr(0, slash)).has_value();
}

Result<void> read_parameter(JsonReader& reader, std::string_view name, ports::RepositoryOverrides& overrides) {
  if (!is_override(name)) {
    reader.skip();
    return {};
  }
  const auto text = reader.string();
  if (!text) return {};  // the reader says why
  if (name == kConfig) return add_override(name, *text, overrides);
  auto content = decode_base64(*text);
  if (!content) return std::move(content).error().within(quoted(name));
  return add_override(name, *content, overrides);
}

net::Reply answer_name(net::BlockingRequest& request, const std::function<Result<void>(const model::ModelName&)>& act) {
  auto name = model::ModelName::parse(request.parameter(0));
  if (!name) return net::error_reply(not_found("model \"" + printable(request.parameter(0)) + "\" is not known"));
  if (const auto done = act(*name); !done) return net::error_reply(done.error());
  return {};
}

}  // namespace

Result<std::string> repository_index(ByteSpan body, std::span<const IndexEntry> entries) {
  const bool only_ready = TRY(wants_only_ready(body));
  std::string out = "[";
  for (const IndexEntry& entry : entries) {
    if (only_ready && entry.state != State::Ready) continue;
    if (out.size() > 1) out += ',';
    out += "{\"name\":";
    append_json_string(out, entry.model);
    if (entry.version != 0) out += ",\"version\":\"" + std::to_string(entry.version) + "\"";
    out += ",\"state\":\"";
    out += state_name(entry.state);
    out += "\",\"reason\":";
    append_json_string(out, entry.reason);
    out += '}';
  }
  return out + "]";
}

Result<void> add_override(std::string_view parameter, std::string_view content, ports::RepositoryOverrides& overrides) {
  if (parameter == kConfig) overrides.config = std::string(content);
  if (!parameter.starts_with(kFile)) return {};
  const std::string_view path = parameter.substr(kFile.size());
  if (!is_file_name(path)) {
    return invalid_input(quoted(parameter) + ": expected file:VERSION/NAME, as in file:1/model.onnx");
  }
  if (overrides.files.size() == kMostFiles) {
    return invalid_input("load: expected at most " + std::to_string(kMostFiles) + " files, found more");
  }
  overrides.files.push_back({std::string(path), std::string(content)});
  return {};
}

Result<void> check_overrides(const ports::RepositoryOverrides& overrides) {
  if (overrides.config || overrides.files.empty()) return {};
  return invalid_input(
      "load: expected the parameter config beside file:, found none: files come with their "
      "configuration");
}

Result<ports::RepositoryOverrides> read_overrides(std::string_view body) {
  ports::RepositoryOverrides overrides;
  if (body.empty()) return overrides;
  codec::Arena arena;
  JsonReader reader(body, arena);
  if (reader.enter_object()) {
    while (const auto key = reader.next_key()) {
      if (*key != "parameters") {
        reader.skip();
        continue;
      }
      if (!reader.enter_object()) break;
      while (const auto name = reader.next_key()) {
        TRY(read_parameter(reader, *name, overrides));
        if (reader.failed()) break;
      }
    }
    reader.finish();
  }
  if (reader.failed()) return reader.error();
  TRY(check_overrides(overrides));
  return overrides;
}

net::Reply load_model(net::BlockingRequest& request, RepositoryControl& repository) {
  auto body = request.read_all(kLoadLimit);
  if (!body) return net::error_reply(body.error());
  const auto overrides = read_overrides(*body);
  if (!overrides) return net::error_reply(overrides.error());
  std::string().swap(*body);  // a model may have come with it
  return answer_name(request, [&](const model::ModelName& name) {
    return repository.load(name, *overrides, request.principal().name);
  });
}

net::Reply unload_model(net::BlockingRequest& request, RepositoryControl& repository) {
  auto body = request.read_all(kParametersLimit);
  if (!body) return net::error_reply(body.error());
  if (const auto read = read_overrides(*body); !read) return net::error_reply(read.error());
  return answer_name(request,
                     [&](const model::ModelName& name) { return repository.unload(name, request.principal().name); });
}

}  // namespace slipway::api_oip

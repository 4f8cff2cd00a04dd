#include "adapter/api_oip/settings_routes.h"

#include <limits>
#include <optional>
#include <string>

#include "adapter/api_oip/log_settings.h"
#include "adapter/api_oip/trace_settings.h"
#include "adapter/codec/json_reader.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

using codec::JsonReader;
using net::Exchange;
using net::Method;

constexpr Bytes kLongestChange = kibibytes(16);

// Calls `change(reader, key)` for each member of the object `body`; none where there is no body.
template <class Change>
Result<void> for_each_setting(ByteSpan body, const Change& change) {
  if (body.empty()) return {};
  codec::Arena arena;
  JsonReader reader(as_text(body), arena);
  if (reader.enter_object()) {
    while (const auto key = reader.next_key()) {
      TRY(change(reader, *key));
      if (reader.failed()) break;
    }
    reader.finish();
  }
  if (reader.failed()) return reader.error();
  return {};
}

// What is there; the reader fails where it is none of them.
LogValue read_log_value(JsonReader& reader) {
  switch (reader.peek()) {
    case JsonReader::Kind::Boolean:
      return reader.boolean().value_or(false);
    case JsonReader::Kind::String:
      return reader.string().value_or("");
    default:
      break;
  }
  const auto offset = reader.offset();
  const auto number = reader.number();
  if (!number) return false;  // the reader says why
  const auto value = codec::to_uint64(number);
  if (value && *value <= std::numeric_limits<std::uint32_t>::max()) return static_cast<std::uint32_t>(*value);
  reader.fail_at(offset, "expected a whole number from 0 to 4294967295, found " + printable(number.text(), 40));
  return false;
}

Result<std::string> log_settings(Log& log, ByteSpan body) {
  LogSettings settings(log.level());
  TRY(for_each_setting(body, [&](JsonReader& reader, std::string_view key) -> Result<void> {
    const LogValue value = read_log_value(reader);
    if (reader.failed()) return {};
    return settings.change(key, value);
  }));
  if (!body.empty()) log.set_level(TRY(settings.level()));
  std::string answer;
  for (const auto& [key, value] : settings.all()) {
    answer += answer.empty() ? "{" : ",";
    append_json_string(answer, key);
    answer += ':';
    if (const bool* is_on = std::get_if<bool>(&value)) {
      answer += *is_on ? "true" : "false";
    } else if (const std::uint32_t* number = std::get_if<std::uint32_t>(&value)) {
      answer += std::to_string(*number);
    } else {
      append_json_string(answer, std::get<std::string_view>(value));
    }
  }
  return answer + "}";
}

// A text, a number, a list of texts, or null for the usual value.
Result<void> read_trace(JsonReader& reader, std::string_view key, RequestTraces::Settings& settings) {
  const auto take = [&](std::optional<std::string_view> text) -> Result<void> {
    return text ? change_trace(key, *text, settings) : Result<void>();
  };
  switch (reader.peek()) {
    case JsonReader::Kind::Null:
      reader.skip();
      return change_trace(key, {}, settings);
    case JsonReader::Kind::Number: {
      const auto number = reader.number();
      return take(number ? std::optional(number.text()) : std::nullopt);
    }
    case JsonReader::Kind::Array:
      if (!reader.enter_array()) return {};
      while (reader.next_element()) {
        TRY(take(reader.string()));
        if (reader.failed()) break;
      }
      return {};
    default:
      return take(reader.string());
  }
}

Result<std::string> trace_settings(const SettingsParts& parts, std::string_view model, ByteSpan body) {
  RequestTraces::Settings wanted = parts.traces.settings();
  bool changes = false;
  TRY(for_each_setting(body, [&](JsonReader& reader, std::string_view key) {
    changes = true;
    return read_trace(reader, key, wanted);
  }));
  TRY(check_traced_model(parts.predictor, model, changes));
  if (changes) parts.traces.set(wanted);
  std::string answer;
  for (const auto& [key, value] : all_of(wanted)) {
    answer += answer.empty() ? "{" : ",";
    append_json_string(answer, key);
    answer += key == kTraceLevel ? ":[" : ":";
    append_json_string(answer, value);
    if (key == kTraceLevel) answer += ']';
  }
  return answer + "}";
}

}  // namespace

Result<void> check_traced_model(const ports::Predictor& predictor, std::string_view model, bool changes) {
  if (model.empty()) return {};
  if (const auto served = predictor.find(model, std::nullopt, ports::Numbering::Protocol); !served) {
    return served.error();
  }
  if (!changes) return {};
  return unimplemented("expected no model's name: the settings are those of all models");
}

std::vector<net::Route> settings_routes(const SettingsParts& parts) {
  std::vector<net::Route> routes;
  const auto add = [&](Method method, std::string pattern, auto answer) {
    const net::InlineHandler handler = [answer](Exchange& exchange) {
      const Result<std::string> body = answer(exchange);
      if (!body) return net::reply_error(exchange, body.error());
      exchange.reply(200, "application/json", *body);
    };
    routes.emplace_back(method, std::move(pattern), access::Permission::ManageServer, handler, kLongestChange);
  };
  add(Method::Get, "/v2/logging", [&log = parts.log](const Exchange&) { return log_settings(log, {}); });
  add(Method::Post, "/v2/logging",
      [&log = parts.log](const Exchange& exchange) { return log_settings(log, exchange.body()); });
  for (const char* pattern : {"/v2/trace/setting", "/v2/models/{model}/trace/setting"}) {
    add(Method::Get, pattern,
        [parts](const Exchange& exchange) { return trace_settings(parts, exchange.parameter(0), {}); });
    add(Method::Post, pattern,
        [parts](const Exchange& exchange) { return trace_settings(parts, exchange.parameter(0), exchange.body()); });
  }
  add_grpc_settings(routes, parts);
  return routes;
}

}  // namespace slipway::api_oip

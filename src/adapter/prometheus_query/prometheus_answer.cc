#include "adapter/prometheus_query/prometheus_answer.h"

#include <cmath>
#include <optional>
#include <string>

#include "adapter/codec/json_number.h"
#include "adapter/codec/json_reader.h"
#include "base/text.h"

namespace slipway::prometheus_query {
namespace {

using codec::JsonReader;

constexpr std::size_t kLongestShown = 120;

struct Answer {
  std::string status, error, type;
  std::size_t series = 0;
  std::optional<double> value;  // of the last of them
};

bool read_text(JsonReader& reader, std::string& to) {
  const auto text = reader.string();
  if (text) to = *text;
  return text.has_value();
}

// [time, "0.5"]: numbers are texts there, so that NaN and infinities can be told.
bool read_sample(JsonReader& reader, Answer& to) {
  if (!reader.enter_array() || !reader.next_element() || !reader.skip() || !reader.next_element()) return false;
  const auto text = reader.string();
  if (!text) return false;
  const codec::NumberText number = codec::scan_number(text->data(), text->data() + text->size());
  ++to.series;
  to.value.reset();
  if (number && number.end == text->data() + text->size()) to.value = codec::to_double(number);
  return !reader.next_element() && !reader.failed();
}

bool read_series(JsonReader& reader, Answer& to) {
  if (!reader.enter_object()) return false;
  while (const auto key = reader.next_key()) {
    if (*key == "value" ? !read_sample(reader, to) : !reader.skip()) return false;
  }
  return !reader.failed();
}

// Requires: the type was said before, as servers do.
bool read_result(JsonReader& reader, Answer& to) {
  if (to.type == "scalar") return read_sample(reader, to);
  if (to.type != "vector") return reader.skip();
  if (!reader.enter_array()) return false;
  while (reader.next_element()) {
    if (!read_series(reader, to)) return false;
  }
  return !reader.failed();
}

bool read_data(JsonReader& reader, Answer& to) {
  if (!reader.enter_object()) return false;
  while (const auto key = reader.next_key()) {
    const bool is_read = *key == "resultType" ? read_text(reader, to.type)
                         : *key == "result"   ? read_result(reader, to)
                                              : reader.skip();
    if (!is_read) return false;
  }
  return !reader.failed();
}

bool read_answer(JsonReader& reader, Answer& to) {
  if (!reader.enter_object()) return false;
  while (const auto key = reader.next_key()) {
    const bool is_read = *key == "status"  ? read_text(reader, to.status)
                         : *key == "error" ? read_text(reader, to.error)
                         : *key == "data"  ? read_data(reader, to)
                                           : reader.skip();
    if (!is_read) return false;
  }
  return !reader.failed() && reader.finish();
}

}  // namespace

Result<double> value_of(std::string_view body) {
  codec::Arena arena;
  JsonReader reader(body, arena);
  Answer answer;
  if (!read_answer(reader, answer)) {
    return unavailable("expected the answer to a query, found \"" + printable(body, kLongestShown) + "\"");
  }
  if (answer.status != "success") return unavailable("it refused the query: " + printable(answer.error, kLongestShown));
  if (answer.type != "scalar" && answer.type != "vector") {
    return unavailable("expected a scalar or a vector, found \"" + printable(answer.type, kLongestShown) + "\"");
  }
  if (answer.series != 1) {
    return unavailable("expected one series, found " + std::to_string(answer.series));
  }
  if (answer.value && std::isfinite(*answer.value)) return *answer.value;
  return unavailable("expected a finite number, found another value");
}

}  // namespace slipway::prometheus_query

#include "domain/model/event.h"

#include <bit>

namespace slipway::model {
namespace {

constexpr std::string_view kFormat = "slipway-event-1\n";

template <class Number>
void add_number(std::string& text, Number number) {
  for (int shift = sizeof(Number) * 8 - 8; shift >= 0; shift -= 8) text += static_cast<char>(number >> shift & 0xFF);
}

// Its length first, so that no byte can move from one field to the next.
void add_text(std::string& text, std::string_view field) {
  add_number(text, static_cast<std::uint32_t>(field.size()));
  text += field;
}

}  // namespace

Digest chained(const Event& event, const Digest& previous) {
  std::string text(kFormat);
  text.append(reinterpret_cast<const char*>(previous.bytes.data()), previous.bytes.size());
  add_number(text, event.sequence);
  add_number(text, std::bit_cast<std::uint64_t>(std::int64_t{event.at.time_since_epoch().count()}));
  for (const std::string* field :
       {&event.actor, &event.action, &event.model, &event.subject, &event.from, &event.to, &event.reason}) {
    add_text(text, *field);
  }
  return sha256(as_bytes(text));
}

}  // namespace slipway::model

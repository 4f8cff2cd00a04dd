#include "adapter/api_oip/repository.h"

#include <optional>

#include "adapter/codec/json_reader.h"
#include "base/text.h"

namespace slipway::api_oip {
namespace {

using codec::JsonReader;
using State = ports::ServedState::State;

constexpr Bytes kParametersLimit = mebibytes(1);

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

// A version is what was pushed and verified; an override would serve something the registry does not know.
Result<void> refuse_overrides(std::string_view body) {
  if (body.empty()) return {};
  codec::Arena arena;
  JsonReader reader(body, arena);
  std::optional<std::string> override_name;
  if (reader.enter_object()) {
    while (const auto key = reader.next_key()) {
      if (*key != "parameters") {
        reader.skip();
        continue;
      }
      if (!reader.enter_object()) break;
      while (const auto name = reader.next_key()) {
        if (!refuse_override(*name)) override_name = *name;
        if (!reader.skip()) break;
      }
    }
    reader.finish();
  }
  if (reader.failed()) return reader.error();
  if (!override_name) return {};
  return refuse_override(*override_name);
}

template <class Act>
net::Reply answer(net::BlockingRequest& request, const Act& act) {
  auto body = request.read_all(kParametersLimit);
  if (!body) return net::error_reply(body.error());
  if (const auto checked = refuse_overrides(*body); !checked) return net::error_reply(checked.error());
  auto name = model::ModelName::parse(request.parameter(0));
  if (!name) return net::error_reply(not_found("model \"" + printable(request.parameter(0)) + "\" is not known"));
  if (const auto done = act(*name, request.principal().name); !done) return net::error_reply(done.error());
  return {};
}

}  // namespace

Result<void> refuse_override(std::string_view parameter) {
  if (parameter != "config" && !parameter.starts_with("file:")) return {};
  return unimplemented("load: expected no override, found the parameter \"" + printable(parameter, 80) +
                       "\": push the changed model as a new version and deploy it");
}

Result<std::string> repository_index(ByteSpan body, std::span<const ports::ServedState> states) {
  const bool only_ready = TRY(wants_only_ready(body));
  std::string out = "[";
  for (const ports::ServedState& state : states) {
    if (only_ready && state.state != State::Ready) continue;
    if (out.size() > 1) out += ',';
    out += "{\"name\":";
    append_json_string(out, state.model);
    out += ",\"version\":\"" + std::to_string(state.version) + "\",\"state\":\"";
    out += state_name(state.state);
    out += "\",\"reason\":";
    append_json_string(out, state.reason);
    out += '}';
  }
  return out + "]";
}

net::Reply load_model(net::BlockingRequest& request, RepositoryControl& repository) {
  return answer(request,
                [&](const model::ModelName& name, const std::string& who) { return repository.load(name, who); });
}

net::Reply unload_model(net::BlockingRequest& request, RepositoryControl& repository) {
  return answer(request,
                [&](const model::ModelName& name, const std::string& who) { return repository.unload(name, who); });
}

}  // namespace slipway::api_oip

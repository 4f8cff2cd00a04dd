#include "adapter/api_admin/answer.h"

#include <charconv>

#include "adapter/api_admin/once.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"
#include "domain/access/scope.h"

namespace slipway::api_admin {
namespace {

constexpr std::size_t kLongestReason = 1024;
constexpr int kInsufficientStorage = 507;

bool is_json(std::string_view content_type) {
  const std::string_view kind = content_type.substr(0, content_type.find(';'));
  return kind.empty() || kind == "application/json" || kind == "application/json ";
}

}  // namespace

// What the registry and the uploads call Overloaded is a full disk, which has a status of its own.
net::Reply failure(const Error& error) {
  return error.code == ErrorCode::Overloaded ? net::error_reply(error, kInsufficientStorage) : net::error_reply(error);
}

net::Route route(const DeskPointer& desk, net::Method method, std::string pattern, access::Permission permission,
                 Answer answer, Bytes body_limit, net::Work work) {
  const bool takes_json = body_limit <= kibibytes(64) && (method == net::Method::Put || method == net::Method::Post);
  const net::BlockingHandler handler = [desk, answer, takes_json, body_limit,
                                        work](net::BlockingRequest& request) -> net::Reply {
    if (const auto type = request.header("content-type"); takes_json && !is_json(type)) {
      return net::error_reply(
          invalid_input("expected the header Content-Type: application/json, found \"" + printable(type) + "\""), 415);
    }
    return answer_once(*desk, request, answer, body_limit, work);
  };
  net::Route made{method, std::move(pattern), permission, handler, body_limit, work};
  made.handler_checks_environment = true;  // the registry does, by the author's scope
  return made;
}

net::Route for_limited_callers(net::Route route) {
  route.handler_checks_models = true;
  return route;
}

net::Reply json_reply(std::string body, int status) {
  body += '\n';
  return {status, "application/json", std::move(body), {}};
}

net::Reply no_content() {
  return {204, "", "", {}};
}

Result<model::ModelName> model_of(const net::BlockingRequest& request) {
  return model::ModelName::parse(request.parameter(0));
}

Result<model::VersionNumber> version_of(const net::BlockingRequest& request) {
  const std::string_view text = request.parameter(1);
  const auto number = model::parse_version(text);
  if (!number) return invalid_input("expected a version of 1 or more in the path, found \"" + printable(text) + "\"");
  return *number;
}

Result<std::string> environment_of(const Desk& desk, const net::BlockingRequest& request) {
  const std::string_view asked = request.query("environment");
  if (asked.empty()) return desk.parts.environment;
  return model::parse_environment(asked);
}

Result<std::uint64_t> number_of(const net::BlockingRequest& request, std::string_view key, std::uint64_t otherwise,
                                std::uint64_t most) {
  const std::string_view text = request.query(key);
  if (text.empty()) return otherwise;
  std::uint64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc{} || end != text.data() + text.size() || number > most) {
    return invalid_input("?" + std::string(key) + "=: expected a whole number up to " + std::to_string(most) +
                         ", found \"" + printable(text) + "\"");
  }
  return number;
}

Result<JsonFields> fields_of(net::BlockingRequest& request, std::initializer_list<std::string_view> known) {
  const std::string text = TRY(request.read_all(kibibytes(64)));
  const bool blank = text.find_first_not_of(" \t\r\n") == std::string::npos;
  return JsonFields::parse(blank ? "{}" : std::string_view(text), known);
}

Result<void> expect_covered(Desk& desk, const net::BlockingRequest& request, std::string_view model,
                            std::string_view environment) {
  const access::Principal& caller = request.principal();
  const bool is_covered =
      access::covers_model(caller, model) && (environment.empty() || access::covers_environment(caller, environment));
  if (is_covered) return {};
  const Error error = access::outside_scope(caller.name, *caller.scope);
  const std::string what = std::string(net::name_of(request.method())) + " " + std::string(request.path());
  desk.parts.registry.note_refusal(caller.name, model, what, error);
  return error;
}

Result<registry::Author> author_of(const net::BlockingRequest& request, const JsonFields* fields) {
  std::string reason(request.query("reason"));
  if (fields) {
    if (auto told = TRY(fields->text("reason", kLongestReason))) reason = *std::move(told);
  }
  if (reason.size() > kLongestReason || !is_valid_utf8(reason)) {
    return invalid_input("reason: expected at most " + std::to_string(kLongestReason) + " bytes of UTF-8, found " +
                         std::to_string(reason.size()) + " bytes");
  }
  const auto* once = dynamic_cast<const OnceRequest*>(&request);
  return registry::Author{request.principal().name, std::move(reason), request.principal().scope,
                          once ? std::optional(once->mark()) : std::nullopt};
}

std::vector<net::Route> routes(const AdminParts& parts) {
  const auto desk = std::make_shared<Desk>(parts);
  std::vector<net::Route> all;
  add_model_routes(all, desk);
  add_search_routes(all, desk);
  add_annotation_routes(all, desk);
  add_provenance_routes(all, desk);
  add_feedback_routes(all, desk);
  add_package_routes(all, desk);
  add_serving_routes(all, desk);
  add_token_routes(all, desk);
  add_signature_routes(all, desk);
  add_approval_routes(all, desk);
  add_evidence_routes(all, desk);
  add_rollout_routes(all, desk);
  add_dataset_routes(all, desk);
  add_audit_routes(all, desk);
  add_status_routes(all, desk);
  return all;
}

}  // namespace slipway::api_admin

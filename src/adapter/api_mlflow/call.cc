#include "adapter/api_mlflow/call.h"

#include <array>
#include <nlohmann/json.hpp>

#include "adapter/net/error_reply.h"
#include "base/text.h"

namespace slipway::api_mlflow {
namespace {

constexpr Bytes kLongestBody = mebibytes(4);  // a full log-batch is a quarter of a MiB
constexpr int kInsufficientStorage = 507;     // which clients do not repeat, as they would 503
constexpr int kTooLarge = 413;
constexpr int kSearchesAtOnce = 4;

std::string_view code_of(ErrorCode code, int status) {
  if (status == 401) return "UNAUTHENTICATED";
  if (status == kTooLarge) return "INVALID_PARAMETER_VALUE";
  switch (code) {
    case ErrorCode::InvalidInput:
      return status == 405 ? "ENDPOINT_NOT_FOUND" : "INVALID_PARAMETER_VALUE";
    case ErrorCode::NotFound:
      return "RESOURCE_DOES_NOT_EXIST";
    case ErrorCode::Conflict:
      return status == 400 ? "RESOURCE_ALREADY_EXISTS" : "RESOURCE_CONFLICT";
    case ErrorCode::Denied:
      return "PERMISSION_DENIED";
    case ErrorCode::NotReady:
    case ErrorCode::Unavailable:
      return "TEMPORARILY_UNAVAILABLE";
    case ErrorCode::Overloaded:
      return status == kInsufficientStorage ? "RESOURCE_EXHAUSTED" : "REQUEST_LIMIT_EXCEEDED";
    case ErrorCode::DeadlineExceeded:
      return "DEADLINE_EXCEEDED";
    case ErrorCode::Cancelled:
      return "CANCELLED";
    case ErrorCode::Unimplemented:
      return "NOT_IMPLEMENTED";
    case ErrorCode::Corrupt:
      return "DATA_LOSS";
    case ErrorCode::Internal:
      return "INTERNAL_ERROR";
  }
  return "INTERNAL_ERROR";
}

net::Reply json_reply(const nlohmann::json& body) {
  return {200, "application/json", body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), {}, {}};
}

// By its name or protobuf's number.
Result<tracking::View> parse_view(std::string_view key, std::string_view said) {
  using tracking::View;
  static constexpr std::array<std::pair<std::string_view, View>, 7> kViews = {{{"", View::Active},
                                                                               {"ACTIVE_ONLY", View::Active},
                                                                               {"1", View::Active},
                                                                               {"DELETED_ONLY", View::Removed},
                                                                               {"2", View::Removed},
                                                                               {"ALL", View::All},
                                                                               {"3", View::All}}};
  for (const auto& [name, view] : kViews) {
    if (name == said) return view;
  }
  return invalid_input("Invalid value for parameter '" + std::string(key) +
                       "': expected ACTIVE_ONLY, DELETED_ONLY or ALL, found \"" + printable(said) + "\"");
}

net::Reply answered(Desk& desk, net::BlockingRequest& request, Answer answer, Conflicts conflicts) {
  auto fields = Fields::read(request, kLongestBody);
  if (!fields) return failure(fields.error());
  Call call{desk, request, std::move(fields).value(), conflicts};
  const auto reply = answer(call);
  return reply.ok() ? json_reply(*reply) : failure(reply.error(), call.conflicts);
}

// A path under the prefix that none of the calls has: clients try newer calls and fall back on this answer.
net::Reply no_such_call(net::BlockingRequest& request) {
  std::string body = R"({"error_code":"ENDPOINT_NOT_FOUND","message":)";
  append_json_string(body, "there is no call " + std::string(net::name_of(request.method())) + " " +
                               printable(request.path()) + "; docs/guide/mlflow.md lists those there are");
  return {404, "application/json", body + "}", {}, {}};
}

}  // namespace

Result<std::size_t> page_size(const Call& call, std::size_t otherwise, std::size_t most) {
  const auto asked = TRY(call.fields.number("max_results"));
  if (!asked) return otherwise;
  if (*asked >= 1 && static_cast<std::uint64_t>(*asked) <= most) return static_cast<std::size_t>(*asked);
  return invalid_input("Invalid value for parameter 'max_results': expected 1 to " + std::to_string(most) + ", found " +
                       std::to_string(*asked));
}

Result<tracking::SearchRequest> search_request(const Call& call, training::Kind kind, std::string_view view_key) {
  constexpr std::size_t kUsual = 1'000;
  constexpr std::size_t kMost = 50'000;
  tracking::SearchRequest request;
  request.kind = kind;
  request.covers = call.reach().filter();
  request.filter = TRY(call.fields.text_or("filter", ""));
  request.limit = TRY(page_size(call, kUsual, kMost));
  request.page_token = TRY(call.fields.text_or("page_token", ""));
  if (!view_key.empty()) request.view = TRY(parse_view(view_key, TRY(call.fields.text_or(view_key, ""))));
  return request;
}

std::string pattern_of(std::string_view name) {
  std::string pattern(kPrefix);
  pattern.append(name);
  return pattern;
}

std::string error_text(const Error& error, int status) {
  std::string body = "{\"error_code\":\"" + std::string(code_of(error.code, status)) + "\",\"message\":";
  append_json_string(body, error.message);
  return body + "}";
}

net::Reply failure(const Error& error, Conflicts conflicts) {
  int status = net::http_status(error.code);
  if (error.code == ErrorCode::Overloaded) status = kInsufficientStorage;  // of the stores: a full disk
  if (error.code == ErrorCode::Conflict && conflicts == Conflicts::AreAlreadyExists) status = 400;
  net::Reply reply{status, "application/json", error_text(error, status), {}, {}};
  return reply;
}

net::Route route(const DeskPointer& desk, net::Method method, std::string_view name, access::Permission permission,
                 Answer answer, Conflicts conflicts, net::Work work) {
  const net::BlockingHandler handler = [desk, answer, conflicts](net::BlockingRequest& request) {
    return answered(*desk, request, answer, conflicts);
  };
  net::Route made(method, pattern_of(name), permission, handler, kLongestBody, work);
  made.error_body = error_text;
  return made;
}

net::Route search_route(const DeskPointer& desk, std::string_view name, Answer answer) {
  const net::BlockingHandler handler = [desk, answer](net::BlockingRequest& request) {
    const Turn turn(desk->searches, kSearchesAtOnce);
    if (!turn.taken()) return busy("searches of runs and logged models", kSearchesAtOnce);
    return answered(*desk, request, answer, Conflicts::AreResourceConflict);
  };
  net::Route made(net::Method::Post, pattern_of(name), access::Permission::ReadRegistry, handler, kLongestBody,
                  net::Work::Long);
  made.error_body = error_text;
  return made;
}

net::Route within_limits(net::Route route) {
  route.handler_checks_models = true;
  route.handler_checks_environment = true;  // the registry does, by the author's scope
  return route;
}

net::Reply busy(std::string_view what, int most) {
  const Error error = overloaded("expected at most " + std::to_string(most) + " " + std::string(what) +
                                 " at once, found as many under way: try again in a moment");
  return {429, "application/json", error_text(error, 429), {{"Retry-After", "1"}}, {}};
}

std::vector<net::Route> routes(const MlflowParts& parts) {
  const auto desk = std::make_shared<Desk>(parts);
  std::vector<net::Route> all;
  add_experiment_routes(all, desk);
  add_run_routes(all, desk);
  add_logged_model_routes(all, desk);
  add_registered_model_routes(all, desk);
  add_model_version_routes(all, desk);
  add_artifact_routes(all, desk);
  using net::Method;
  for (const Method method : {Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete}) {
    net::Route rest(method, pattern_of("{call...}"), access::Permission::ReadRegistry,
                    net::BlockingHandler(no_such_call), kLongestBody);
    rest.error_body = error_text;
    all.push_back(within_limits(std::move(rest)));
  }
  return all;
}

}  // namespace slipway::api_mlflow

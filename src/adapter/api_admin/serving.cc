// /api/v1/serving: what this and other environments should serve, and /api/v1/history: how it came about.
#include <algorithm>

#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/assignment_fields.h"
#include "adapter/api_admin/views.h"
#include "domain/access/scope.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;
using Desired = ports::Stored<model::DesiredServing>;

constexpr std::uint64_t kUsualHistory = 50;
constexpr std::uint64_t kLongestHistory = 1000;

// Only this server's own environment has states to tell.
std::vector<ports::ServedState> states_for(const Desk& desk, std::string_view environment) {
  if (environment != desk.parts.environment) return {};
  return desk.parts.predictor.index();
}

Reply desired_reply(const Desk& desk, const Desired& desired) {
  JsonWriter json;
  write_desired(json, desired, states_for(desk, desired.record.environment));
  return json_reply(json.take());
}

Result<Desired> find_desired(Desk& desk, const std::string& environment, const model::ModelName& name) {
  auto all = TRY(desk.parts.registry.desired(environment));
  for (Desired& desired : all) {
    if (desired.record.model == name) return std::move(desired);
  }
  return not_found("model \"" + name.text() + "\" is not served in " + environment);
}

Result<Reply> list_serving(Desk& desk, BlockingRequest& request) {
  const auto environment = TRY(environment_of(desk, request));
  const auto all = TRY(desk.parts.registry.desired(environment));
  const auto states = states_for(desk, environment);
  JsonWriter json;
  json.open('{').field("environment", environment).key("serving").open('[');
  for (const Desired& desired : all) {
    if (access::covers_model(request.principal(), desired.record.model.text())) write_desired(json, desired, states);
  }
  json.close(']').close('}');
  return json_reply(json.take());
}

Result<Reply> show_serving(Desk& desk, BlockingRequest& request) {
  return desired_reply(desk, TRY(find_desired(desk, TRY(environment_of(desk, request)), TRY(model_of(request)))));
}

Result<model::TrafficSplit> read_split(const JsonFields& fields) {
  std::vector<model::Share> shares;
  for (const JsonFields& entry : TRY(fields.list("split", {"version", "share"}, model::kMostShares))) {
    const std::string where = "split[" + std::to_string(shares.size()) + "]";
    const auto version = TRY(entry.number("version"));
    const auto share = TRY(entry.number("share"));
    if (!version || *version == 0)
      return invalid_input(where + ".version: expected a version of 1 or more, found none");
    if (!share || *share > model::kWhole.count) {
      return invalid_input(where + ".share: expected 0 to 10000 basis points, found " +
                           (share ? std::to_string(*share) : "none"));
    }
    shares.push_back({*version, {static_cast<std::uint32_t>(*share)}});
  }
  return model::TrafficSplit::parse(std::move(shares));
}

// The versions a deployment asks for: "version", "alias" or "split"; none of them: the newest validated version.
Result<model::TrafficSplit> wanted_split(Desk& desk, const model::ModelName& name, const JsonFields& fields) {
  const int said = fields.has("version") + fields.has("alias") + fields.has("split");
  if (said > 1) {
    return invalid_input("the body: expected one of version, alias and split, found " + std::to_string(said));
  }
  if (fields.has("split")) return read_split(fields);
  model::ModelReference reference{name, {}};
  if (const auto version = TRY(fields.number("version"))) {
    if (*version == 0) return invalid_input("version: expected a version of 1 or more, found 0");
    reference.which = *version;
  }
  if (const auto alias = TRY(fields.text("alias", 256))) reference.which = TRY(model::Alias::parse(*alias));
  return model::TrafficSplit::all_to(TRY(desk.parts.registry.resolve(reference)));
}

// A version that only mirrored requests go to has a line in the split all the same, without a share.
Result<std::optional<model::Mirror>> read_mirror(const JsonFields& fields, model::TrafficSplit& split) {
  const auto said = TRY(fields.object("mirror", {"to", "share"}));
  if (!said) return std::optional<model::Mirror>();
  const auto to = TRY(said->number("to"));
  if (!to || *to == 0) return invalid_input("mirror.to: expected a version of 1 or more, found none");
  const std::uint64_t share = TRY(said->number("share")).value_or(model::kWhole.count);
  if (share == 0 || share > model::kWhole.count) {
    return invalid_input("mirror.share: expected 1 to 10000 basis points, found " + std::to_string(share));
  }
  if (std::ranges::find(split.shares(), *to, &model::Share::version) == split.shares().end()) {
    std::vector<model::Share> shares(split.shares().begin(), split.shares().end());
    shares.push_back({*to, {}});
    split = TRY(model::TrafficSplit::parse(std::move(shares)));
  }
  return std::optional(model::Mirror{*to, {static_cast<std::uint32_t>(share)}});
}

Result<Reply> deploy(Desk& desk, BlockingRequest& request) {
  const auto environment = TRY(environment_of(desk, request));
  const auto name = TRY(model_of(request));
  const auto fields =
      TRY(fields_of(request, {"version", "alias", "split", "assignment", "mirror", "expected_revision", "reason"}));
  registry::Wanted wanted(TRY(wanted_split(desk, name, fields)), TRY(read_assignment(fields)));
  wanted.mirror = TRY(read_mirror(fields, wanted.split));
  const auto expected = TRY(fields.number("expected_revision"));
  const auto author = TRY(author_of(request, &fields));
  const auto revision = TRY(desk.parts.registry.deploy(environment, name, wanted, expected, author));
  const auto stored = find_desired(desk, environment, name);  // with the rule that stayed
  return desired_reply(desk, stored.ok() && stored->revision == revision
                                 ? *stored
                                 : Desired{{environment, name, wanted.split, {}, wanted.mirror}, revision});
}

Result<Reply> rollback(Desk& desk, BlockingRequest& request) {
  const auto environment = TRY(environment_of(desk, request));
  const auto name = TRY(model_of(request));
  const auto fields = TRY(fields_of(request, {"reason"}));
  const auto author = TRY(author_of(request, &fields));
  return desired_reply(desk, TRY(desk.parts.registry.rollback(environment, name, author)));
}

Result<Reply> undeploy(Desk& desk, BlockingRequest& request) {
  const auto environment = TRY(environment_of(desk, request));
  TRY(desk.parts.registry.undeploy(environment, TRY(model_of(request)), TRY(author_of(request))));
  return no_content();
}

Result<Reply> history(Desk& desk, BlockingRequest& request) {
  const std::uint64_t limit = TRY(number_of(request, "limit", kUsualHistory, kLongestHistory));
  const std::uint64_t before = TRY(number_of(request, "before", 0, ~std::uint64_t{0}));
  if (limit == 0) return invalid_input("?limit=: expected 1 to 1000, found 0");
  const std::string_view of = request.query("model");
  const auto& scope = request.principal().scope;
  if (scope && !scope->models.empty() && (of.empty() || !scope->covers_model(of))) {
    Error refused = access::outside_scope(request.principal().name, *scope);
    desk.parts.registry.note_refusal(request.principal().name, of, "GET " + std::string(request.path()), refused);
    return std::move(refused).within("?model=");
  }
  const auto events = TRY(desk.parts.registry.history(of, before, limit));
  const bool more = events.size() == limit;  // then there may be more
  JsonWriter json;
  json.open('{').key("events").open('[');
  for (const model::Event& event : events) write_event(json, event);
  json.close(']').key("next");
  more ? json.value(events.back().sequence) : json.null();
  json.close('}');
  return json_reply(json.take());
}

}  // namespace

void add_serving_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string serving = "/api/v1/serving";
  const std::string one = serving + "/{model}";
  routes.push_back(for_limited_callers(route(desk, Method::Get, serving, Permission::ReadRegistry, list_serving)));
  routes.push_back(route(desk, Method::Get, one, Permission::ReadRegistry, show_serving));
  routes.push_back(route(desk, Method::Put, one, Permission::Deploy, deploy));
  routes.push_back(route(desk, Method::Delete, one, Permission::Deploy, undeploy));
  routes.push_back(route(desk, Method::Post, one + "/rollback", Permission::Deploy, rollback));
  routes.push_back(for_limited_callers(route(desk, Method::Get, "/api/v1/history", Permission::ReadRegistry, history)));
}

}  // namespace slipway::api_admin

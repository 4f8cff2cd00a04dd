// /api/v1/rollouts: versions that take over traffic by a plan, and what people say to that.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/rollout_writer.h"
#include "domain/access/scope.h"
#include "domain/rollout/commands.h"

namespace slipway::api_admin {
namespace {

using delivery::Standing;
using net::BlockingRequest;
using net::Method;
using net::Reply;

constexpr std::uint64_t kUsualPage = 50;
constexpr std::uint64_t kLongestPage = 500;

Result<delivery::Delivery*> running(Desk& desk) {
  if (desk.parts.delivery != nullptr) return desk.parts.delivery;
  return unimplemented("rollouts: this server makes none");
}

Reply standing_reply(const Standing& standing, int status = 200) {
  JsonWriter json;
  json.open('{');
  write_record(json, standing.record);
  write_standing(json, standing);
  json.close('}');
  return json_reply(json.take(), status);
}

Result<std::uint64_t> rollout_of(const BlockingRequest& request) {
  const auto number = model::parse_version(request.parameter(0));
  if (number) return *number;
  return not_found("expected the number of a rollout, found \"" + std::string(request.parameter(0)) + "\"");
}

Result<Standing> standing_for(Desk& desk, const BlockingRequest& request) {
  auto found = TRY(TRY(running(desk))->rollout(TRY(rollout_of(request))));
  TRY(expect_covered(desk, request, found.record.state.model.text()));
  return found;
}

Result<delivery::Caller> caller_of(const BlockingRequest& request, const JsonFields& fields) {
  auto author = TRY(author_of(request, &fields));
  return delivery::Caller{{std::move(author.principal), std::move(author.reason)}, std::move(author.once)};
}

Result<std::string> plan_in(const JsonFields& fields) {
  auto plan = TRY(fields.text("plan", delivery::kLongestPlan));
  if (plan && !plan->empty()) return *std::move(plan);
  return invalid_input("plan: expected the text of a rollout plan, such as \"preset: canary\", found none");
}

Result<std::vector<model::VersionNumber>> candidates_in(const JsonFields& fields) {
  std::vector<model::VersionNumber> all;
  for (const std::string& text : TRY(fields.words("candidates", 20, model::kMostShares))) {
    const auto number = model::parse_version(text);
    if (!number) return invalid_input("candidates: expected numbers of versions such as \"3\", found \"" + text + "\"");
    all.push_back(*number);
  }
  return all;
}

Result<Reply> start(Desk& desk, BlockingRequest& request) {
  delivery::Delivery* const delivery = TRY(running(desk));
  const auto fields = TRY(fields_of(request, {"model", "environment", "candidates", "plan", "queue", "reason"}));
  const auto model = TRY(fields.text("model", 1024));
  if (!model) return invalid_input("model: expected the name of a model, found none");
  const auto said = TRY(fields.text("environment", 64));
  delivery::StartRequest asked{.environment = TRY(model::parse_environment(said.value_or(desk.parts.environment))),
                               .model = TRY(model::ModelName::parse(*model)),
                               .candidates = TRY(candidates_in(fields)),
                               .plan = TRY(plan_in(fields))};
  const auto queue = TRY(fields.text("queue", 8));
  if (queue && *queue != "yes" && *queue != "no") return invalid_input("queue: expected yes or no");
  if (queue == "yes") asked.turn = delivery::Turn::MayQueue;
  TRY(expect_covered(desk, request, asked.model.text(), asked.environment));
  return standing_reply(TRY(delivery->start(asked, TRY(caller_of(request, fields)))), 201);
}

// What the model is expected to be asked, and to fail at.
Result<delivery::Expected> expected_in(const JsonFields& fields) {
  delivery::Expected expected;
  expected.requests_per_second = TRY(fields.real("requests_per_second"));
  if (expected.requests_per_second && !(*expected.requests_per_second > 0 && *expected.requests_per_second <= 1e9)) {
    return invalid_input("requests_per_second: expected more than 0 and at most 1000000000, found " +
                         std::to_string(*expected.requests_per_second));
  }
  expected.error_rate = TRY(fields.real("error_rate")).value_or(0);
  if (expected.error_rate >= 0 && expected.error_rate < 1) return expected;
  return invalid_input("error_rate: expected a share of 0 to below 1, found " + std::to_string(expected.error_rate));
}

Result<Reply> rehearse(Desk& desk, BlockingRequest& request) {
  delivery::Delivery* const delivery = TRY(running(desk));
  const auto fields = TRY(fields_of(request, {"plan", "requests_per_second", "error_rate"}));
  const auto rehearsal = TRY(delivery->rehearse(TRY(plan_in(fields))));
  const auto expected = TRY(expected_in(fields));
  JsonWriter json;
  json.open('{').field("plan_digest", "sha256:" + rehearsal.digest.hex());
  write_steps(json, rehearsal.steps);
  json.field("promotes_by_itself", rehearsal.plan.automation.promote);
  json.field("rolls_back_by_itself", rehearsal.plan.automation.roll_back);
  json.field("approval_to_complete", rehearsal.plan.approval_to_complete).key("windows").open('[');
  for (const rollout::Window& window : rehearsal.plan.automation.windows) {
    json.open('{').field("from", window.from).field("to", window.to).close('}');
  }
  json.close(']');
  if (rehearsal.evidence) {
    write_forecast(json, *rehearsal.evidence, delivery::forecast(rehearsal.steps, *rehearsal.evidence, expected));
  }
  json.close('}');
  return json_reply(json.take());
}

Result<Reply> list(Desk& desk, BlockingRequest& request) {
  delivery::Delivery* const delivery = TRY(running(desk));
  const std::uint64_t limit = TRY(number_of(request, "limit", kUsualPage, kLongestPage));
  const std::uint64_t before = TRY(number_of(request, "before", 0, ~std::uint64_t{0}));
  if (limit == 0) return invalid_input("?limit=: expected 1 to 500, found 0");
  const auto found = TRY(delivery->rollouts(request.query("model"), before, limit));
  JsonWriter json;
  json.open('{').key("rollouts").open('[');
  for (const auto& [record, revision] : found) {
    if (!access::covers_model(request.principal(), record.state.model.text())) continue;
    json.open('{');
    write_record(json, record);
    json.close('}');
  }
  json.close(']').key("next");
  found.size() == limit ? json.value(found.back().record.number) : json.null();
  json.close('}');
  return json_reply(json.take());
}

Result<Reply> show(Desk& desk, BlockingRequest& request) {
  return standing_reply(TRY(standing_for(desk, request)));
}

Result<Reply> decisions(Desk& desk, BlockingRequest& request) {
  const std::uint64_t limit = TRY(number_of(request, "limit", kUsualPage, kLongestPage));
  const std::uint64_t before = TRY(number_of(request, "before", 0, ~std::uint64_t{0}));
  if (limit == 0) return invalid_input("?limit=: expected 1 to 500, found 0");
  const std::uint64_t number = TRY(standing_for(desk, request)).record.number;
  const auto found = TRY(desk.parts.delivery->decisions(number, before, limit));
  JsonWriter json;
  json.open('{').key("decisions").open('[');
  for (const ports::RolloutDecision& each : found) write_decision(json, each);
  json.close(']').key("next");
  found.size() == limit ? json.value(found.back().number) : json.null();
  json.close('}');
  return json_reply(json.take());
}

Result<Reply> say(Desk& desk, BlockingRequest& request, const rollout::Command& command, const JsonFields& fields) {
  const Standing before = TRY(standing_for(desk, request));
  TRY(expect_covered(desk, request, before.record.state.model.text(), before.record.state.environment));
  return standing_reply(
      TRY(desk.parts.delivery->command(before.record.number, command, TRY(caller_of(request, fields)))));
}

Result<Reply> pause(Desk& desk, BlockingRequest& request) {
  return say(desk, request, rollout::PauseNow{}, TRY(fields_of(request, {"reason"})));
}
Result<Reply> resume(Desk& desk, BlockingRequest& request) {
  return say(desk, request, rollout::Resume{}, TRY(fields_of(request, {"reason"})));
}
Result<Reply> abort_rollout(Desk& desk, BlockingRequest& request) {
  return say(desk, request, rollout::Abort{}, TRY(fields_of(request, {"reason"})));
}
Result<Reply> approve(Desk& desk, BlockingRequest& request) {
  return say(desk, request, rollout::Approve{}, TRY(fields_of(request, {"reason"})));
}
Result<Reply> drill(Desk& desk, BlockingRequest& request) {
  return say(desk, request, rollout::Drill{desk.parts.clock.wall_now()}, TRY(fields_of(request, {"reason"})));
}
Result<Reply> promote(Desk& desk, BlockingRequest& request) {
  const auto fields = TRY(fields_of(request, {"to", "reason"}));
  const auto to = TRY(fields.text("to", 16));
  if (to && *to != "next" && *to != "end") return invalid_input("to: expected next or end, found \"" + *to + "\"");
  return say(desk, request, rollout::Promote{.to_the_end = to == "end"}, fields);
}
Result<Reply> set_weight(Desk& desk, BlockingRequest& request) {
  const auto fields = TRY(fields_of(request, {"weight", "reason"}));
  const auto weight = TRY(fields.number("weight"));
  if (!weight || *weight > model::kWhole.count) {
    return invalid_input("weight: expected 0 to 10000 basis points, found " +
                         (weight ? std::to_string(*weight) : "none"));
  }
  return say(desk, request, rollout::SetWeight{{static_cast<std::uint32_t>(*weight)}}, fields);
}

}  // namespace

void add_rollout_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string all = "/api/v1/rollouts";
  const std::string one = all + "/{rollout}";
  const Bytes body = kibibytes(64);  // with a plan as JSON text
  const auto add = [&](Method method, const std::string& pattern, Permission permission, Answer answer) {
    routes.push_back(for_limited_callers(route(desk, method, pattern, permission, answer, body)));
  };
  add(Method::Get, all, Permission::ReadRegistry, list);
  add(Method::Post, all, Permission::Deploy, start);
  add(Method::Post, "/api/v1/rollout-plan", Permission::Deploy, rehearse);
  add(Method::Get, one, Permission::ReadRegistry, show);
  add(Method::Get, one + "/decisions", Permission::ReadRegistry, decisions);
  add(Method::Post, one + "/pause", Permission::Deploy, pause);
  add(Method::Post, one + "/resume", Permission::Deploy, resume);
  add(Method::Post, one + "/promote", Permission::Deploy, promote);
  add(Method::Post, one + "/abort", Permission::Deploy, abort_rollout);
  add(Method::Post, one + "/weight", Permission::Deploy, set_weight);
  add(Method::Post, one + "/drill", Permission::Deploy, drill);
  add(Method::Post, one + "/approve", Permission::Approve, approve);
}

}  // namespace slipway::api_admin

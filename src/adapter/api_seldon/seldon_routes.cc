#include "adapter/api_seldon/seldon_routes.h"

#include "adapter/api_seldon/feedback_message.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"
#include "domain/access/scope.h"

namespace slipway::api_seldon {
namespace {

using feedback::Joined;
using feedback::Outcome;
using ports::OutcomeRecord;

// Seldon's SendFeedback answers a SeldonMessage; a failed one has a status.
std::string error_text(const Error& error, int status) {
  std::string body = "{\"status\":{\"code\":" + std::to_string(status) + ",\"info\":";
  append_json_string(body, error.message);
  return body + ",\"reason\":\"" + std::string(name_of(error.code)) + "\",\"status\":\"FAILURE\"}}";
}

net::Reply failure(const Error& error) {
  net::Reply reply = net::error_reply(error);
  reply.body = error_text(error, reply.status);
  return reply;
}

std::string answer_text(const std::string& puid, const Joined& joined) {
  std::string body = "{\"meta\":{\"puid\":";
  append_json_string(body, puid);
  body += ",\"tags\":{\"result\":\"" + std::string(joined.was_known ? "known" : "joined") + "\",\"model\":";
  append_json_string(body, joined.model.text());
  return body + ",\"version\":" + std::to_string(joined.record.version) +
         "}},\"status\":{\"code\":200,\"status\":\"SUCCESS\"}}\n";
}

// The reward and the truth are outcomes of their own: one that was taken before is known when the message comes again.
Result<net::Reply> give(feedback::Feedback& feedback, net::BlockingRequest& request,
                        const std::optional<model::ModelName>& deployment) {
  const std::string text = TRY(request.read_all(net::kDefaultBodyLimit));
  const FeedbackMessage message = TRY(read_feedback(text));
  const auto may_know = [&request](const model::ModelName& name) {
    return access::covers_model(request.principal(), name.text());
  };
  std::optional<Joined> last;
  const auto take = [&](OutcomeRecord::Kind kind, double value) -> Result<void> {
    Outcome outcome;
    outcome.request_id = message.puid;
    if (deployment) outcome.model.emplace(*deployment);
    outcome.kind = kind;
    outcome.value = value;
    Joined joined = TRY(feedback.take(outcome, may_know));
    joined.was_known = joined.was_known && (!last || last->was_known);
    last.emplace(std::move(joined));
    return {};
  };
  if (message.truth) TRY(take(OutcomeRecord::Kind::Label, *message.truth));
  if (message.reward) TRY(take(OutcomeRecord::Kind::Reward, *message.reward));
  return net::Reply{200, "application/json", answer_text(message.puid, *last), {}, {}};
}

Result<net::Reply> answered(feedback::Feedback* feedback, net::BlockingRequest& request, bool names_model) {
  if (feedback == nullptr) {
    return unimplemented("this server records no predictions: its setting prediction_log is 0");
  }
  std::optional<model::ModelName> deployment;
  if (names_model) deployment.emplace(TRY(model::ModelName::parse(request.parameter(1))));
  return give(*feedback, request, deployment);
}

enum class Names : std::uint8_t { Nothing, TheModel };

net::Route route(feedback::Feedback* feedback, std::string pattern, Names names) {
  const net::BlockingHandler handler = [feedback, names](net::BlockingRequest& request) {
    auto reply = answered(feedback, request, names == Names::TheModel);
    return reply.ok() ? std::move(reply).value() : failure(reply.error());
  };
  net::Route made(net::Method::Post, std::move(pattern), access::Permission::Predict, handler);
  made.error_body = error_text;
  return made;
}

}  // namespace

std::vector<net::Route> seldon_routes(feedback::Feedback* feedback) {
  std::vector<net::Route> all;
  all.push_back(route(feedback, "/api/v1.0/feedback", Names::Nothing).checks_models());
  all.push_back(route(feedback, "/seldon/{namespace}/{model}/api/v1.0/feedback", Names::TheModel));
  return all;
}

}  // namespace slipway::api_seldon

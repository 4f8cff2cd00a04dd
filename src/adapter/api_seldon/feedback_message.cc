#include "adapter/api_seldon/feedback_message.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/text.h"

namespace slipway::api_seldon {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 4> kKeys = {"request", "response", "reward", "truth"};
constexpr int kDeepest = 64;
constexpr std::size_t kLongestPuid = 256;

// Keeps of request and response only meta.puid: they hold whatever the model was asked and said.
class Sieve {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    if (depth > kDeepest && problem_.empty()) problem_ = "nesting deeper than " + std::to_string(kDeepest);
    if (event != json::parse_event_t::key) return true;
    const auto& key = parsed.get_ref<const std::string&>();
    if (depth == 1) return enter(key);
    if (section_ != "request" && section_ != "response") return true;
    if (depth == 2) is_meta_ = key == "meta";
    if (depth == 3) return is_meta_ && key == "puid";
    return is_meta_;
  }
  const std::string& problem() const { return problem_; }

 private:
  bool enter(const std::string& key) {
    section_ = key;
    if (!said_.insert(key).second && problem_.empty()) problem_ = "the key \"" + printable(key, 60) + "\" twice";
    return true;
  }

  std::string section_, problem_;
  std::set<std::string> said_;
  bool is_meta_ = false;
};

std::string found(const json& value) {
  if (value.is_object() || value.is_array()) return value.is_object() ? "an object" : "an array";
  return printable(value.dump(-1, ' ', false, json::error_handler_t::replace), 60);
}

// Null: there is none.
Result<const json*> object_in(const json& parent, const std::string& where, std::string_view key) {
  const auto held = parent.find(key);
  if (held == parent.end() || held->is_null()) return static_cast<const json*>(nullptr);
  if (held->is_object()) return &*held;
  return invalid_input(where + std::string(key) + ": expected an object, found " + found(*held));
}

Result<std::string> puid_in(const json& body, std::string_view side) {
  const json* message = TRY(object_in(body, "", side));
  if (message == nullptr) return std::string();
  const json* meta = TRY(object_in(*message, std::string(side) + ".", "meta"));
  if (meta == nullptr) return std::string();
  const auto held = meta->find("puid");
  if (held == meta->end() || held->is_null()) return std::string();
  const std::string place = std::string(side) + ".meta.puid";
  if (!held->is_string()) return invalid_input(place + ": expected a string, found " + found(*held));
  const auto& puid = held->get_ref<const std::string&>();
  if (puid.size() <= kLongestPuid) return puid;
  return invalid_input(place + ": expected at most " + std::to_string(kLongestPuid) + " bytes, found " +
                       std::to_string(puid.size()));
}

Result<std::string> puid_of(const json& body) {
  auto asked = TRY(puid_in(body, "request"));
  auto answered = TRY(puid_in(body, "response"));
  if (!asked.empty() && !answered.empty() && asked != answered) {
    return invalid_input("expected one prediction, found request.meta.puid \"" + printable(asked, 80) +
                         "\" and response.meta.puid \"" + printable(answered, 80) + "\"");
  }
  if (!answered.empty() || !asked.empty()) return answered.empty() ? asked : answered;
  return invalid_input(
      "response.meta.puid: expected the id of the prediction, which is x-request-id of its answer, found none");
}

Result<double> finite(const json& value, const std::string& where) {
  if (value.is_number() && std::isfinite(value.get<double>())) return value.get<double>();
  return invalid_input(where + ": expected a finite number, found " + found(value));
}

// [[1]] as 1.
Result<double> only_number(const json& value, const std::string& where) {
  const json* at = &value;
  while (at->is_array()) {
    if (at->size() != 1) {
      return invalid_input(where + ": expected one number, found " + std::to_string(at->size()) +
                           " elements; give feedback for each prediction");
    }
    at = &at->front();
  }
  return finite(*at, where);
}

Result<double> truth_of(const json& truth) {
  if (const auto plain = truth.find("jsonData"); plain != truth.end()) return only_number(*plain, "truth.jsonData");
  if (const json* form = TRY(object_in(truth, "truth.", "data"))) {
    if (const auto rows = form->find("ndarray"); rows != form->end()) return only_number(*rows, "truth.data.ndarray");
    if (const json* tensor = TRY(object_in(*form, "truth.data.", "tensor"))) {
      if (const auto values = tensor->find("values"); values != tensor->end()) {
        return only_number(*values, "truth.data.tensor.values");
      }
    }
  }
  return invalid_input("truth: expected a number in data.ndarray, data.tensor.values or jsonData, found neither");
}

Result<json> parsed(std::string_view text) {
  Sieve sieve;
  json body;
  try {
    body = json::parse(text,
                       [&](int depth, json::parse_event_t event, json& value) { return sieve(depth, event, value); });
  } catch (const json::exception& problem) {
    std::string_view what = problem.what();  // "[json.exception.parse_error.101] parse error at line 1, column 8: ..."
    if (const std::size_t at = what.find("] "); what.starts_with('[') && at != what.npos) what.remove_prefix(at + 2);
    return invalid_input("the body: expected a JSON object, found a " + printable(what, 200));
  }
  if (!sieve.problem().empty()) return invalid_input("the body: expected a JSON object, found " + sieve.problem());
  if (!body.is_object()) return invalid_input("the body: expected a JSON object, found " + found(body));
  for (const auto& [key, value] : body.items()) {
    if (std::ranges::find(kKeys, key) != kKeys.end()) continue;
    return invalid_input("the body: expected keys out of request, response, reward, truth; found \"" +
                         printable(key, 60) + "\"");
  }
  return body;
}

}  // namespace

Result<FeedbackMessage> read_feedback(std::string_view text) {
  const json body = TRY(parsed(text));
  FeedbackMessage message;
  message.puid = TRY(puid_of(body));
  if (const auto held = body.find("reward"); held != body.end() && !held->is_null()) {
    message.reward.emplace(TRY(finite(*held, "reward")));
  }
  if (const json* truth = TRY(object_in(body, "", "truth"))) message.truth.emplace(TRY(truth_of(*truth)));
  if (!message.reward && !message.truth) message.reward.emplace(0);
  return message;
}

}  // namespace slipway::api_seldon

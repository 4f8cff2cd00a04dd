#include "cli/rollout_answers.h"

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

constexpr int kMostPages = 200;  // of 500 decisions

}  // namespace

Result<std::string> rollout_path(const std::string& number) {
  const bool is_number = !number.empty() && number.size() < 20 && number.front() != '0' &&
                         number.find_first_not_of("0123456789") == std::string::npos;
  if (is_number) return "/api/v1/rollouts/" + number;
  return invalid_input("expected the number of a rollout, found \"" + printable(number) + "\"");
}

bool is_passing(ErrorCode code) {
  return code == ErrorCode::Unavailable || code == ErrorCode::NotReady || code == ErrorCode::Overloaded ||
         code == ErrorCode::DeadlineExceeded;
}

Result<std::vector<std::string>> fetch_decisions(Session& session, const std::string& rollout) {
  std::vector<std::string> pages;
  std::string before;
  for (int page = 0; page < kMostPages; ++page) {
    pages.push_back(TRY(session.fetch(rollout + "/decisions?limit=500" + before)));
    const json next = json::parse(pages.back()).at("next");
    if (next.is_null()) return pages;
    before = "&before=" + std::to_string(next.get<std::uint64_t>());
  }
  return overloaded("expected at most " + std::to_string(kMostPages * 500) + " decisions, found more");
}

std::string whole_history(const std::string& rollout, const std::vector<std::string>& pages) {
  json decisions = json::array();
  for (const std::string& page : pages) {
    const json told = json::parse(page);
    for (const json& each : told.at("decisions")) decisions.push_back(each);
  }
  const json both = {{"rollout", json::parse(rollout)}, {"decisions", std::move(decisions)}};
  return both.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace slipway::cli

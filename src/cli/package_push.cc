#include "cli/package_push.h"

#include <thread>

#include "cli/terminal.h"

namespace slipway::cli {
namespace {

// How long a push waits while the server is busy with others.
constexpr auto kPatience = std::chrono::minutes(10);
constexpr int kMostLost = 5;  // connections

Result<std::string> send_once(Session& session, Package& package, const PushWords& words, const std::string& key) {
  Progress progress("uploading");
  HttpRequest request;
  request.method = "POST";
  request.path = "/api/v1/packages?filename=" + percent_encode(package.filename());
  if (!words.model.empty()) request.path += "&name=" + percent_encode(words.model);
  if (!words.reason.empty()) request.path += "&reason=" + percent_encode(words.reason);
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  request.headers.emplace_back("Idempotency-Key", key);
  request.source = &package;
  request.tick = [&] {
    progress.show(package.content_read(), package.content_size(), "the server verifies the package");
  };
  return session.call(std::move(request));
}

}  // namespace

Result<std::string> send_package(Session& session, Package& package, const PushWords& words) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  const std::string key = new_idempotency_key();
  int lost = 0;
  Progress waiting("");
  while (true) {
    auto answer = send_once(session, package, words, key);
    const bool was_lost = !answer.ok() && session.is_in_doubt() && ++lost <= kMostLost;
    const bool asked_to_wait = !answer.ok() && !session.is_in_doubt() && session.retry_after() > 0 &&
                               (answer.error().code == ErrorCode::Overloaded || lost > 0);
    const std::chrono::seconds pause(was_lost ? 1U : std::min(session.retry_after(), 10U));
    const bool again = was_lost || asked_to_wait;
    if (!again || std::chrono::steady_clock::now() + pause > until) return answer;
    TRY(package.rewind());
    waiting.show(was_lost ? "the connection broke: trying again" : "the server is busy with other pushes");
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace slipway::cli

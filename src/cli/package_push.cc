#include "cli/package_push.h"

#include <thread>

#include "cli/terminal.h"

namespace slipway::cli {
namespace {

// How long a push waits while the server is busy with others.
constexpr auto kPatience = std::chrono::minutes(10);

Result<std::string> send_once(Session& session, Package& package, const PushWords& words) {
  Progress progress("uploading");
  HttpRequest request;
  request.method = "POST";
  request.path = "/api/v1/packages?filename=" + percent_encode(package.filename());
  if (!words.model.empty()) request.path += "&name=" + percent_encode(words.model);
  if (!words.reason.empty()) request.path += "&reason=" + percent_encode(words.reason);
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  request.source = &package;
  request.tick = [&] {
    progress.show(package.content_read(), package.content_size(), "the server verifies the package");
  };
  return session.call(std::move(request));
}

}  // namespace

Result<std::string> send_package(Session& session, Package& package, const PushWords& words) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  Progress waiting("");
  while (true) {
    auto answer = send_once(session, package, words);
    const bool busy = !answer.ok() && answer.error().code == ErrorCode::Overloaded && session.retry_after() > 0;
    const std::chrono::seconds pause(std::min(session.retry_after(), 10U));
    if (!busy || std::chrono::steady_clock::now() + pause > until) return answer;
    TRY(package.rewind());
    waiting.show("the server is busy with other pushes");
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace slipway::cli

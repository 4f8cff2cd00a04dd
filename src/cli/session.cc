#include "cli/session.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/descriptor.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;
constexpr std::string_view kDefaultUrl = "http://127.0.0.1:8080";
constexpr std::string_view kDefaultData = "slipway-data";
constexpr const char* kKeyHeader = "Idempotency-Key";
constexpr int kConflict = 409;
constexpr int kAttempts = 6;  // with the pauses between them, six seconds
constexpr std::chrono::milliseconds kFirstPause{100};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  return text;
}

// The admin token that a local server left beside its data; empty if there is none to read.
std::string local_token(const std::string& folder) {
  const Descriptor file(::open((folder + "/admin.token").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file) return "";
  struct stat found{};
  std::string text;
  if (::fstat(file.fd(), &found) == 0 && S_ISREG(found.st_mode) && found.st_size <= 4096) {
    text.resize(static_cast<std::size_t>(found.st_size));
    const ssize_t size = ::read(file.fd(), text.data(), text.size());
    text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  }
  return trimmed(std::move(text));
}

// A header must not be forged by a line break in a token.
Result<void> check_token(const std::string& token) {
  for (const char c : token) {
    if (c <= ' ' || c >= 0x7F) return invalid_input("the token holds characters that no token has");
  }
  return {};
}

bool has_key(const HttpRequest& request) {
  return std::ranges::any_of(request.headers, [](const auto& header) { return header.first == kKeyHeader; });
}

Error refusal(const HttpAnswer& answer) {
  const json body = json::parse(answer.body, nullptr, false);
  std::string text;
  std::optional<ErrorCode> code;
  if (body.is_object()) {
    if (const auto it = body.find("error"); it != body.end() && it->is_string()) text = it->get<std::string>();
    if (const auto it = body.find("code"); it != body.end() && it->is_string()) {
      code = parse_error_code(it->get_ref<const std::string&>());
    }
  }
  if (text.empty()) text = "the server answered with status " + std::to_string(answer.status);
  return {code.value_or(ErrorCode::Internal), text};
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const Arguments& arguments) {
  std::string url = arguments.text("--url").value_or(environment("SLIPWAY_URL"));
  if (url.empty()) url = kDefaultUrl;
  const auto endpoint = TRY(Endpoint::parse(url));
  const std::string authorities = arguments.text("--ca").value_or(environment("SLIPWAY_CA"));
  if (!authorities.empty() && ::access(authorities.c_str(), R_OK) != 0) {
    return invalid_input(
        "--ca or SLIPWAY_CA: expected a file with the certificates of authorities (PEM), cannot read " +
        printable(authorities));
  }
  std::unique_ptr<Session> session(new Session(endpoint, authorities));
  session->json_ = arguments.has("--json");
  session->token_ = trimmed(arguments.text("--token").value_or(environment("SLIPWAY_TOKEN")));
  TRY(check_token(session->token_));
  if (session->token_.empty() && endpoint.is_local()) {
    std::string folder = arguments.text("--data").value_or(environment("SLIPWAY_DATA"));
    session->token_ = local_token(folder.empty() ? std::string(kDefaultData) : folder);
    TRY(check_token(session->token_));
  }
  return session;
}

Error Session::refuse(Error error) {
  return end_with(Exit::Refused, std::move(error));
}

Error Session::end_with(Exit exit, Error error) {
  exit_ = exit;
  return error;
}

// A change whose connection broke is sent again, under the same key; also while the server is away, as at a restart.
Result<HttpAnswer> Session::send(const HttpRequest& request) {
  auto answer = client_.send(request);
  if (request.source || !has_key(request) || !client_.is_in_doubt()) return answer;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::this_thread::sleep_for(kFirstPause * (1 << attempt));
    answer = client_.send(request);
    const bool is_being_answered = answer.ok() && answer->status == kConflict && answer->retry_after > 0;
    if (answer.ok() && !is_being_answered) return answer;
  }
  return answer;
}

Result<std::string> Session::call(HttpRequest request) {
  request.headers.emplace_back("Accept", "application/json");
  if (!token_.empty()) request.headers.emplace_back("Authorization", "Bearer " + token_);
  if (request.method != "GET" && request.path.starts_with("/api/v1/") && !has_key(request)) {
    request.headers.emplace_back(kKeyHeader, new_idempotency_key());
  }
  auto answer = send(request);
  if (!answer.ok()) {
    if (answer.error().code != ErrorCode::Unavailable) return std::move(answer).error();  // the body's own failure
    exit_ = Exit::Unreachable;
    return Error{ErrorCode::Unavailable,
                 answer.error().message +
                     "\nIs the server running? `slipway serve` starts one; --url or SLIPWAY_URL "
                     "say where it is."};
  }
  retry_after_ = answer->retry_after;
  if (answer->status >= 200 && answer->status < 300) return std::move(answer->body);
  Error error = refuse(refusal(*answer));
  if ((answer->status == 401 || answer->status == 403) && token_.empty()) {
    error.message +=
        "\nNo token was shown: set SLIPWAY_TOKEN, or --data to the local server's data directory to use its admin "
        "token.";
  }
  return error;
}

Result<std::string> Session::exchange(std::string method, std::string path, std::string body) {
  HttpRequest request;
  request.method = std::move(method);
  request.path = std::move(path);
  if (!body.empty()) request.headers.emplace_back("Content-Type", "application/json");
  request.body = std::move(body);
  std::string text = TRY(call(std::move(request)));
  if (text.empty()) return std::string("null");
  if (!json::accept(text)) {
    return refuse(internal_error("expected a JSON answer from " + shown_ + ", found \"" + printable(text) + "\""));
  }
  return text;
}

Result<std::string> Session::fetch(std::string path) {
  return exchange("GET", std::move(path), "");
}

std::string new_idempotency_key() {
  std::array<std::byte, 16> random{};
  fill_random(random);
  return to_hex(random);
}

void print_json(std::string_view text) {
  print(json::parse(text).dump(2, ' ', true, json::error_handler_t::replace) + "\n");
}

Command client_command(Command command, ClientFunction function) {
  command.options.push_back({.name = "--json", .help = "print the server's answer as JSON"});
  command.options.push_back({.name = "--url", .value = "URL", .help = "the server: http(s)://HOST:PORT or unix:/path"});
  command.options.push_back({.name = "--token", .value = "TOKEN", .help = "the token to show (better: SLIPWAY_TOKEN)"});
  command.options.push_back({.name = "--ca",
                             .value = "FILE",
                             .help = "authorities (PEM) of an https server; a server's own is tls/ca.crt in its data",
                             .offers = Offers::Files});
  command.options.push_back({.name = "--data",
                             .value = "DIR",
                             .help = "data directory of the local server, for its admin token",
                             .offers = Offers::Files});
  command.run = [function](const Arguments& arguments) {
    auto session = Session::open(arguments);
    if (!session.ok()) {
      complain(session.error().message);
      return Exit::Usage;
    }
    try {
      const auto done = function(**session, arguments);
      if (done.ok()) return Exit::Done;
      complain(done.error().message);
      return (*session)->exit_code();
    } catch (const json::exception& problem) {
      complain("the answer of " + (*session)->server() + " is not Slipway's: " + clean(problem.what()));
      return Exit::Refused;
    }
  };
  return command;
}

std::string model_path(std::string_view name, std::string_view tail) {
  return "/api/v1/models/" + percent_encode(name) + std::string(tail);
}

Result<Reference> read_reference(Session& session, const std::string& text) {
  const std::size_t split = text.find_last_of("@:");
  if (split == std::string::npos) return Reference{text, 0, ""};
  Reference reference{text.substr(0, split), 0, ""};
  const std::string tail = text.substr(split + 1);
  if (text[split] == ':') {
    const auto [end, status] = std::from_chars(tail.data(), tail.data() + tail.size(), reference.version);
    if (status != std::errc{} || end != tail.data() + tail.size() || reference.version == 0) {
      return invalid_input("expected a version of 1 or more after ':', found \"" + printable(tail) + "\"");
    }
    return reference;
  }
  if (text.find_first_of("/:") == std::string::npos) {
    HttpRequest ask;
    ask.path = model_path(text);
    const auto known = session.call(std::move(ask));
    if (known.ok()) return Reference{text, 0, ""};
    if (known.error().code != ErrorCode::NotFound && known.error().code != ErrorCode::InvalidInput)
      return known.error();
  }
  reference.alias = tail;
  return reference;
}

Result<std::uint64_t> version_of(Session& session, const Reference& reference) {
  if (reference.alias.empty()) return reference.version;
  const std::string path = model_path(reference.name, "/aliases/" + percent_encode(reference.alias));
  return json::parse(TRY(session.fetch(path))).at("version").get<std::uint64_t>();
}

}  // namespace slipway::cli

// Session: one run of a client command, with the server it talks to and the token it shows.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "cli/command.h"
#include "cli/http_client.h"

namespace slipway::cli {

// One thread. When a call fails, exit_code() tells how the command ends.
class Session {
 public:
  // Reads --url, --token, --ca and --data, then the environment. On a local server without a token: DIR/admin.token.
  static Result<std::unique_ptr<Session>> open(const Arguments& arguments);

  // An answer of 2xx; otherwise the server's refusal as an Error, with its code and text.
  Result<std::string> call(HttpRequest request);
  // The same with a body of JSON text (empty: none is sent); an empty answer is "null".
  Result<std::string> exchange(std::string method, std::string path, std::string body);
  Result<std::string> fetch(std::string path);

  bool wants_json() const { return json_; }
  Exit exit_code() const { return exit_; }
  Error refuse(Error error);  // marks the command as refused
  Error end_with(Exit exit, Error error);
  const std::string& server() const { return shown_; }
  std::uint32_t retry_after() const { return retry_after_; }  // seconds, as the last answer asked; 0: not said
  // The connection of the last call broke, so that nobody knows whether it was applied. call() has tried again unless
  // the request had a source.
  bool is_in_doubt() const { return client_.is_in_doubt(); }

 private:
  Result<HttpAnswer> send(const HttpRequest& request);
  Session(const Endpoint& endpoint, std::string authorities)
      : client_(endpoint, std::move(authorities)), shown_(endpoint.shown) {}
  HttpClient client_;
  std::string shown_;
  std::string token_;
  bool json_ = false;
  std::uint32_t retry_after_ = 0;
  Exit exit_ = Exit::Usage;
};

// A value for the header Idempotency-Key, under which a request is applied once however often it is sent.
std::string new_idempotency_key();

// For terminals and pipes alike: indented, everything outside ASCII escaped.
void print_json(std::string_view text);

// A client command: the common options are added, the session opened, failures printed.
using ClientFunction = Result<void> (*)(Session&, const Arguments&);
Command client_command(Command command, ClientFunction function);

// NAME[:VERSION|@ALIAS] as the user wrote it, taken apart; a model whose own name has an '@' is asked for first.
struct Reference {
  std::string name;
  std::uint64_t version = 0;  // 0: not said
  std::string alias;          // empty: not said
};
Result<Reference> read_reference(Session& session, const std::string& text);
// The version it means: the one said, or the alias's now; 0: neither was said.
Result<std::uint64_t> version_of(Session& session, const Reference& reference);

// "/api/v1/models/NAME" + tail
std::string model_path(std::string_view name, std::string_view tail = "");

}  // namespace slipway::cli

// slipway token and alias: small records, set and removed.
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

// What came from the command line may not be UTF-8.
std::string written(const json& body) {
  return body.dump(-1, ' ', true, json::error_handler_t::replace);
}

// Whole seconds: what the server takes.
Result<std::uint64_t> read_lifetime(const std::string& text) {
  const auto lifetime = parse_duration(text);
  if (lifetime.ok() && *lifetime >= std::chrono::seconds(1) && *lifetime % std::chrono::seconds(1) == Duration{0}) {
    return static_cast<std::uint64_t>(*lifetime / std::chrono::seconds(1));
  }
  return invalid_input("--expires: expected whole seconds, such as 12h or 30d, found \"" + printable(text) + "\"");
}

// Said several times, or with commas between.
std::vector<std::string> words_of(const std::vector<std::string>& said) {
  std::vector<std::string> words;
  for (std::string_view text : said) {
    while (!text.empty()) {
      const std::size_t comma = std::min(text.find(','), text.size());
      if (comma > 0) words.emplace_back(text.substr(0, comma));
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
  }
  return words;
}

Result<void> create_token(Session& session, const Arguments& arguments) {
  json body = {{"name", arguments.at("NAME")}, {"role", arguments.at("--role")}};
  if (const auto expires = arguments.text("--expires")) body["expires_in_seconds"] = TRY(read_lifetime(*expires));
  for (const char* limit : {"models", "verbs", "environments"}) {
    const auto said = words_of(arguments.all("--" + std::string(limit)));
    if (!said.empty()) body[limit] = said;
  }
  const json answer = json::parse(TRY(session.exchange("POST", "/api/v1/tokens", written(body))));
  if (session.wants_json()) {
    print_json(answer.dump());
    return {};
  }
  print(clean(answer.at("secret").get<std::string>()) + "\n");
  complain("this is shown once; revoke it with `slipway token revoke " + clean(answer.at("id").get<std::string>()) +
           "`");
  return {};
}

std::string limits_of(const json& token) {
  std::string text;
  for (const char* limit : {"models", "verbs", "environments"}) {
    if (!token.contains(limit)) continue;  // of an older server
    for (const json& each : token.at(limit)) text += (text.empty() ? "" : ", ") + each.get<std::string>();
  }
  return text.empty() ? "-" : text;
}

Result<void> list_tokens(Session& session, const Arguments&) {
  const json answer = json::parse(TRY(session.fetch("/api/v1/tokens")));
  if (session.wants_json()) {
    print_json(answer.dump());
    return {};
  }
  Table table({"ID", "NAME", "ROLE", "CREATED", "EXPIRES", "LIMITED TO"});
  for (const json& token : answer.at("tokens")) {
    const json& expires = token.at("expires_at");
    table.add({token.at("id").get<std::string>(), token.at("name").get<std::string>(),
               token.at("role").get<std::string>(), token.at("created_at").get<std::string>().substr(0, 19),
               expires.is_null() ? "never" : expires.get<std::string>().substr(0, 19), limits_of(token)});
  }
  table.print();
  return {};
}

Result<void> revoke_token(Session& session, const Arguments& arguments) {
  const std::string token = arguments.at("TOKEN");
  TRY(session.exchange("DELETE", "/api/v1/tokens/" + percent_encode(token), ""));
  session.wants_json() ? print_json(json({{"revoked", token}}).dump()) : print("revoked " + clean(token) + "\n");
  return {};
}

std::string alias_path(const std::string& name, const Arguments& arguments) {
  return model_path(name, "/aliases/" + percent_encode(arguments.at("ALIAS")));
}

Result<std::uint64_t> read_number(std::string_view where, const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status == std::errc{} && end == text.data() + text.size()) return number;
  return invalid_input(std::string(where) + ": expected a whole number, found \"" + printable(text) + "\"");
}

Result<void> set_alias(Session& session, const Arguments& arguments) {
  const Reference reference = TRY(read_reference(session, arguments.at("NAME:VERSION")));
  const std::uint64_t version = TRY(version_of(session, reference));
  if (version == 0) {
    return invalid_input("expected NAME:VERSION or NAME@ALIAS, found \"" + printable(arguments.at("NAME:VERSION")) +
                         "\"");
  }
  json body = {{"version", version}};
  if (const auto expected = arguments.text("--expect")) body["expected"] = TRY(read_number("--expect", *expected));
  if (const auto reason = arguments.text("--reason")) body["reason"] = *reason;
  const json answer = json::parse(TRY(session.exchange("PUT", alias_path(reference.name, arguments), written(body))));
  if (session.wants_json()) {
    print_json(answer.dump());
  } else {
    print(clean(answer.at("model").get<std::string>()) + "@" + clean(answer.at("alias").get<std::string>()) + " = " +
          std::to_string(answer.at("version").get<std::uint64_t>()) + "\n");
  }
  return {};
}

Result<void> list_aliases(Session& session, const Arguments& arguments) {
  const json model = json::parse(TRY(session.fetch(model_path(arguments.at("NAME")))));
  if (session.wants_json()) {
    print_json(json({{"aliases", model.at("aliases")}}).dump());
    return {};
  }
  Table table({"ALIAS", "VERSION"});
  for (const json& entry : model.at("aliases")) {
    table.add({entry.at("alias").get<std::string>(), std::to_string(entry.at("version").get<std::uint64_t>())});
  }
  table.print();
  return {};
}

Result<void> remove_alias(Session& session, const Arguments& arguments) {
  TRY(session.exchange("DELETE", alias_path(arguments.at("NAME"), arguments), ""));
  const std::string name = arguments.at("NAME") + "@" + arguments.at("ALIAS");
  session.wants_json() ? print_json(json({{"removed", name}}).dump()) : print("removed " + clean(name) + "\n");
  return {};
}

Command subcommand(std::string name, std::string summary, std::vector<Option> options, std::string example,
                   ClientFunction function) {
  Command command{
      .name = std::move(name), .summary = std::move(summary), .options = std::move(options), .examples = {}};
  command.examples.push_back(std::move(example));
  return client_command(std::move(command), function);
}

Option model_option() {
  return {.name = "NAME", .help = "the model", .required = true, .offers = Offers::Models};
}
Option alias_option() {
  return {.name = "ALIAS", .help = "the alias, such as champion", .required = true};
}

}  // namespace

Command token_command() {
  Command command{.name = "token", .summary = "Create, list and revoke the tokens callers show"};
  const Option role = {.name = "--role",
                       .value = "ROLE",
                       .help = "viewer, predictor, operator, approver or admin",
                       .required = true,
                       .choices = {"viewer", "predictor", "operator", "approver", "admin"}};
  const Option expires = {.name = "--expires", .value = "TIME", .help = "such as 12h or 30d; default: never"};
  command.subcommands = {
      subcommand(
          "create", "Create a token and print its secret, once",
          {{.name = "NAME", .help = "who it is for; this name goes into the history", .required = true},
           role,
           expires,
           {.name = "--models", .value = "PATTERN", .help = "only these models, such as team-a-*", .repeated = true},
           {.name = "--verbs",
            .value = "VERB",
            .help = "only this: read, push, predict, deploy, approve, override, or a permission's name",
            .repeated = true},
           {.name = "--environments", .value = "NAME", .help = "only these environments", .repeated = true}},
          "slipway token create ci --role operator --models 'team-a-*' --verbs push,deploy --expires 90d",
          create_token),
      subcommand("list", "List the tokens, without their secrets", {}, "slipway token list", list_tokens),
      subcommand("revoke", "Revoke a token at once", {{.name = "TOKEN", .help = "its id or name", .required = true}},
                 "slipway token revoke ci", revoke_token)};
  command.examples = {"slipway token create ci --role operator", "slipway token list", "slipway token revoke ci"};
  return command;
}

Command alias_command() {
  Command command{.name = "alias", .summary = "Name versions of a model: champion, previous, ..."};
  command.details = "An alias moves no traffic by itself; `slipway deploy NAME@ALIAS` does.";
  command.subcommands = {
      subcommand(
          "set", "Point an alias to a version",
          {{.name = "NAME:VERSION",
            .help = "the version it shall point to; NAME@ALIAS: where that one points now",
            .required = true,
            .offers = Offers::Models},
           alias_option(),
           {.name = "--expect", .value = "VERSION", .help = "refuse unless it points there now; 0: does not exist"},
           {.name = "--reason", .value = "TEXT", .help = "why, for the history"}},
          "slipway alias set fraud:3 champion --expect 2", set_alias),
      subcommand("list", "List the aliases of a model", {model_option()}, "slipway alias list fraud", list_aliases),
      subcommand("remove", "Remove an alias", {model_option(), alias_option()}, "slipway alias remove fraud champion",
                 remove_alias)};
  command.examples = {"slipway alias set fraud:3 champion", "slipway alias list fraud",
                      "slipway alias remove fraud champion"};
  return command;
}

}  // namespace slipway::cli

#include "adapter/store_postgres/target.h"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>

namespace slipway::store_postgres {
namespace {

using Parameters = std::map<std::string, std::string>;

Result<Parameters> parameters_of(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(PQconninfoParse(url.c_str(), &message),
                                                                               &PQconninfoFree);
  if (message) PQfreemem(message);  // it repeats the text, and with it a password
  if (!options) {
    return invalid_input(
        "expected a PostgreSQL database such as postgresql://user@host:5432/name?sslmode=verify-full, found something "
        "that cannot be read as one (not shown: it may hold a password)");
  }
  Parameters found;
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (option->val) found[option->keyword] = option->val;
  }
  return found;
}

std::string quoted(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'";
}

bool is_on_this_machine(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" ||
         host.starts_with("127.") || host == "::1";
}

// libpq alone would fall back to plain text where the server, or who stands between, offers no TLS.
void ask_for_tls(Parameters& parameters) {
  if (std::getenv("PGSSLMODE")) return;
  std::string_view hosts = parameters["host"];
  bool is_near = is_on_this_machine(parameters["hostaddr"]);
  while (is_near && !hosts.empty()) {
    const std::size_t comma = std::min(hosts.find(','), hosts.size());
    is_near = is_on_this_machine(hosts.substr(0, comma));
    hosts.remove_prefix(std::min(comma + 1, hosts.size()));
  }
  if (!is_near) parameters.emplace("sslmode", "require");
}

// What the URL does not say itself.
void add_defaults(Parameters& parameters) {
  const Parameters defaults = {
      {"application_name", "slipway"}, {"connect_timeout", "3"},     {"client_encoding", "UTF8"},
      {"keepalives_idle", "5"},        {"keepalives_interval", "2"}, {"keepalives_count", "3"},
      {"tcp_user_timeout", "10000"},  // milliseconds until an unanswered packet ends the connection
  };
  parameters.insert(defaults.begin(), defaults.end());
}

std::string place_of(const Parameters& parameters) {
  const auto value = [&](const char* key) {
    const auto at = parameters.find(key);
    return at == parameters.end() ? std::string() : at->second;
  };
  std::string text = "postgresql://";
  if (const auto user = value("user"); !user.empty()) text += user + "@";
  text += value("host").empty() ? value("hostaddr") : value("host");
  if (const auto port = value("port"); !port.empty()) text += ":" + port;
  return text + "/" + value("dbname");
}

bool is_plain_name(std::string_view name) {
  const auto is_plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= 63 && !(name[0] >= '0' && name[0] <= '9') &&
         std::ranges::all_of(name, is_plain);
}

}  // namespace

Result<Target> read_target(Settings settings) {
  if (!is_plain_name(settings.schema)) {
    return invalid_input("expected a schema of a-z, 0-9 and _, found \"" + settings.schema + "\"");
  }
  Parameters parameters = TRY(parameters_of(settings.url));
  Target target;
  target.settings = std::move(settings);
  target.place = place_of(parameters);
  for (const char* key : {"password", "sslpassword"}) {
    if (const auto at = parameters.find(key); at != parameters.end() && !at->second.empty()) {
      target.secrets.push_back(at->second);
    }
  }
  ask_for_tls(parameters);
  add_defaults(parameters);
  std::erase_if(parameters, [](const auto& parameter) { return parameter.second.empty(); });
  for (const auto& [key, value] : parameters) target.parameters += key + "=" + quoted(value) + " ";
  return target;
}

Result<bool> names_a_password(const std::string& url) {
  const Parameters parameters = TRY(parameters_of(url));
  return parameters.contains("password") || parameters.contains("sslpassword");
}

std::string Target::without_secrets(std::string_view text) const {
  std::string clean(text);
  for (const std::string& secret : secrets) {
    for (std::size_t at = clean.find(secret); at != std::string::npos; at = clean.find(secret, at)) {
      clean.replace(at, secret.size(), "***");
      at += 3;
    }
  }
  while (!clean.empty() && (clean.back() == '\n' || clean.back() == ' ')) clean.pop_back();
  std::ranges::replace(clean, '\n', ' ');
  return clean;
}

}  // namespace slipway::store_postgres

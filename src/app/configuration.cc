#include "app/configuration.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "adapter/artifacts_s3/s3_address.h"
#include "adapter/store_postgres/target.h"
#include "app/machine_share.h"
#include "base/text.h"
#include "domain/model/name.h"

namespace slipway::app {
namespace {

constexpr Duration kShortestPoll = std::chrono::milliseconds(10);
constexpr Duration kShortestGates = std::chrono::seconds(1);
constexpr Duration kLongestGates = std::chrono::hours(24);

Error wrong(const Settings& settings, std::string_view key, std::string_view expected) {
  const Setting& setting = settings[key];
  return invalid_input(setting.source + ": " + std::string(key) + ": expected " + std::string(expected) + ", found \"" +
                       printable(setting.value) + "\"");
}

// The setting as one of `names`: the index of the one given.
Result<std::size_t> choice(const Settings& settings, std::string_view key, std::span<const std::string_view> names) {
  std::string expected;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (settings[key].value == names[i]) return i;
    expected += (i == 0 ? "" : ", ") + std::string(names[i]);
  }
  return wrong(settings, key, "one of " + expected);
}

Result<std::size_t> number(const Settings& settings, std::string_view key, std::size_t least, std::size_t most) {
  const std::string& text = settings[key].value;
  std::size_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    return wrong(settings, key, "a number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return value;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

// The address as the network knows it: "tls:" before it, or nothing.
std::string with_transport(std::string_view address) {
  constexpr std::string_view kTls = "tls:", kPlain = "plain:";
  if (address.starts_with(kPlain)) return std::string(address.substr(kPlain.size()));
  if (address.starts_with(kTls) || is_loopback(address)) return std::string(address);
  return std::string(kTls) + std::string(address);
}

Result<void> read_tls(const Settings& settings, Configuration& c) {
  c.tls = {settings["tls_certificate"].value, settings["tls_key"].value, settings["tls_client_ca"].value};
  if (c.tls.certificate.empty() != c.tls.key.empty()) {
    return wrong(settings, c.tls.certificate.empty() ? "tls_certificate" : "tls_key",
                 "a file: a certificate and its key go together");
  }
  for (const std::string& text : split_list(settings["tls_identities"].value)) {
    auto identity = api_access::parse_identity(text);
    if (!identity.ok()) {
      return std::move(identity).error().within(settings["tls_identities"].source + ": tls_identities");
    }
    c.identities.insert(*std::move(identity));
  }
  if (!c.identities.empty() && c.tls.client_ca.empty()) {
    return wrong(settings, "tls_client_ca", "the authorities of the client certificates that tls_identities names");
  }
  const bool has_tls = std::ranges::any_of(c.listen, [](const std::string& a) { return a.starts_with("tls:"); });
  for (const std::string_view key : {"tls_certificate", "tls_client_ca"}) {
    if (!settings[key].value.empty() && !has_tls) {
      return wrong(settings, key, "nothing, because no address of listen has TLS (tls:HOST:PORT)");
    }
  }
  return {};
}

// What of the settings cannot be is told before anything is opened.
Result<std::optional<artifacts_s3::S3Settings>> read_s3(const Settings& settings, bool insecure) {
  static constexpr std::array<std::string_view, 3> kAddressing = {"auto", "path", "virtual"};
  artifacts_s3::S3Settings s3;
  s3.addressing = static_cast<artifacts_s3::Addressing>(TRY(choice(settings, "s3_addressing", kAddressing)));
  s3.endpoint = settings["s3_endpoint"].value;
  s3.region = settings["s3_region"].value;
  s3.credentials_file = settings["s3_credentials"].value;
  s3.ca_file = settings["s3_ca"].value;
  if (settings["artifacts"].value.empty()) {
    for (const std::string_view key : {"s3_endpoint", "s3_credentials", "s3_ca"}) {
      if (!settings[key].value.empty())
        return wrong(settings, key, "nothing, because artifacts names no bucket (s3://BUCKET)");
    }
    return std::optional<artifacts_s3::S3Settings>();
  }
  auto location = artifacts_s3::parse_location(settings["artifacts"].value);
  if (!location.ok()) return std::move(location).error().within(settings["artifacts"].source + ": artifacts");
  s3.location = *std::move(location);
  const auto address = artifacts_s3::S3Address::create(s3);
  if (!address.ok()) return address.error();
  if (!address->has_tls() && !address->is_loopback() && !insecure) {
    return wrong(settings, "s3_endpoint", "https:// before a host that is not loopback, or --insecure");
  }
  return std::optional(std::move(s3));
}

// A password in it may come by a variable or a file, but not where every user of the machine sees it.
Result<void> read_database(const Settings& settings, Configuration& c) {
  const Setting& given = settings["database"];
  if (given.value.empty()) return {};
  const auto has_password = store_postgres::names_a_password(given.value);
  if (!has_password.ok()) return Error(has_password.error()).within(given.source);
  if (*has_password && given.source == "--database") {
    return invalid_input(
        "--database: a password on a command line is seen by every user of the machine: put the URL into the variable "
        "SLIPWAY_DATABASE, or the password into PGPASSWORD or a password file (passfile=FILE in the URL)");
  }
  c.database = given.value;
  return {};
}

Result<WebhookConfiguration> read_webhooks(const Settings& settings) {
  static constexpr std::array<std::string_view, 2> kReach = {"false", "true"};
  WebhookConfiguration webhooks;
  webhooks.reach = static_cast<webhook::Reach>(TRY(choice(settings, "webhook_private", kReach)));
  webhooks.secret_file = settings["webhook_secret"].value;
  for (const std::string& url : split_list(settings["webhooks"].value)) {
    auto checked = webhook::check_url(url);
    if (!checked.ok()) return std::move(checked).error().within(settings["webhooks"].source + ": webhooks");
    webhooks.urls.push_back(*std::move(checked));
  }
  if (webhooks.urls.size() > kMostWebhooks) {
    return wrong(settings, "webhooks", "at most " + std::to_string(kMostWebhooks) + " URLs");
  }
  if (webhooks.urls.empty() != webhooks.secret_file.empty()) {
    return wrong(settings, "webhook_secret", "a file exactly where webhooks names a URL: what is told is signed");
  }
  return webhooks;
}

constexpr std::size_t kMostPrometheus = 8;

Result<std::map<std::string, std::string>> read_prometheus(const Settings& settings) {
  std::map<std::string, std::string> servers;
  for (const std::string& each : split_list(settings["prometheus"].value)) {
    const std::size_t equals = each.find('=');
    if (equals == 0 || equals == std::string::npos) return wrong(settings, "prometheus", "NAME=URL[,NAME=URL...]");
    auto url = webhook::check_url(std::string_view(each).substr(equals + 1));
    if (!url.ok()) return std::move(url).error().within(settings["prometheus"].source + ": prometheus");
    if (url->find_first_of("?#") != std::string::npos) {
      return wrong(settings, "prometheus", "URLs without a query or a fragment");
    }
    if (!servers.emplace(each.substr(0, equals), *std::move(url)).second) {
      return wrong(settings, "prometheus", "each name once");
    }
  }
  if (servers.size() <= kMostPrometheus) return servers;
  return wrong(settings, "prometheus", "at most " + std::to_string(kMostPrometheus) + " servers");
}

}  // namespace

bool is_loopback(std::string_view address) {
  if (address.starts_with("tls:")) address.remove_prefix(4);
  if (address.starts_with("unix:")) return true;
  const std::string_view host = address.substr(0, address.rfind(':'));
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

Result<Configuration> configure(const Settings& settings) {
  static constexpr std::array<std::string_view, 2> kSandbox = {"preferred", "required"};
  static constexpr std::array<std::string_view, 3> kAnonymous = {"loopback", "nothing", "everything"};
  static constexpr std::array<std::string_view, 2> kControl = {"poll", "explicit"};
  static constexpr std::array<std::string_view, 2> kSwitch = {"false", "true"};
  static constexpr std::array<std::string_view, 3> kFormats = {"auto", "json", "text"};
  static constexpr std::array<std::string_view, 5> kLevels = {"debug", "info", "warning", "error", "off"};
  static constexpr std::array<std::string_view, 3> kAccessLog = {"errors", "all", "off"};
  const auto duration = [&](std::string_view key) -> Result<Duration> {
    auto parsed = parse_duration(settings[key].value);
    return parsed.ok() ? parsed : Result<Duration>(wrong(settings, key, "a duration such as 250ms, 1s or 2m"));
  };
  const auto amount = [&](std::string_view key) -> Result<Bytes> {
    auto parsed = parse_bytes(settings[key].value);
    return parsed.ok() ? parsed : Result<Bytes>(wrong(settings, key, "an amount such as 64MiB or 2GiB"));
  };

  Configuration c;
  c.data = settings["data"].value;
  if (c.data.empty()) return wrong(settings, "data", "a directory");
  for (const std::string& address : split_list(settings["listen"].value)) c.listen.push_back(with_transport(address));
  if (c.listen.empty()) return wrong(settings, "listen", "at least one address");
  TRY(read_tls(settings, c));
  TRY(read_database(settings, c));
  auto environment = model::parse_environment(settings["environment"].value);
  if (!environment.ok()) return std::move(environment).error().within(settings["environment"].source);
  c.environment = *environment;
  c.model_repository = settings["model_repository"].value;
  c.model_control = static_cast<triton_repository::Control>(TRY(choice(settings, "model_control", kControl)));
  c.repository_poll = std::max(TRY(duration("repository_poll")), kShortestPoll);
  const std::size_t loops = TRY(number(settings, "loops", 0, 256));
  c.cores = available_cores();
  c.loops = loops != 0 ? loops : c.cores;
  c.workers = TRY(number(settings, "workers", 1, 256));
  c.sandbox = static_cast<probe_process::SandboxPolicy>(TRY(choice(settings, "sandbox", kSandbox)));
  c.gate_plan = settings["gate_plan"].value;
  c.webhooks = TRY(read_webhooks(settings));
  c.prometheus = TRY(read_prometheus(settings));
  c.gate_timeout = std::clamp(TRY(duration("gate_timeout")), kShortestGates, kLongestGates);
  c.anonymous = std::array{access::AnonymousPolicy::LoopbackReads, access::AnonymousPolicy::Nothing,
                           access::AnonymousPolicy::Everything}[TRY(choice(settings, "anonymous", kAnonymous))];
  const bool insecure = TRY(choice(settings, "insecure", kSwitch)) == 1;
  c.s3 = TRY(read_s3(settings, insecure));
  c.artifact_copies = TRY(amount("artifact_copies"));
  c.prediction_log = TRY(amount("prediction_log"));
  c.prediction_log_age = TRY(duration("prediction_log_age"));
  c.hosts = split_list(settings["hosts"].value);
  const std::size_t format = TRY(choice(settings, "log_format", kFormats));
  c.log_format = format == 2 || (format == 0 && isatty(2) != 0) ? LogFormat::Text : LogFormat::Json;
  c.log_level = static_cast<LogLevel>(TRY(choice(settings, "log_level", kLevels)));
  c.access_log = static_cast<AccessLogMode>(TRY(choice(settings, "access_log", kAccessLog)));
  c.slow_request = TRY(duration("slow_request"));
  c.model_memory = TRY(amount("model_memory"));
  if (c.model_memory.count == 0) c.model_memory = {available_memory().count / 4 * 3};
  c.body_memory = TRY(amount("body_memory"));
  c.answer_memory = TRY(amount("answer_memory"));
  c.connections = TRY(number(settings, "connections", 1, 1'000'000));
  c.connections_per_address = TRY(number(settings, "connections_per_address", 0, 1'000'000));
  c.drain = TRY(duration("drain"));

  const auto outside = std::ranges::find_if(c.listen, [](const std::string& address) { return !is_loopback(address); });
  if (outside != c.listen.end() && c.anonymous == access::AnonymousPolicy::Everything && !insecure) {
    return invalid_input(settings["anonymous"].source + ": anonymous=everything would let anyone who reaches " +
                         *outside +
                         " change models; say --insecure if that is wanted, or use tokens (slipway token create)");
  }
  return c;
}

}  // namespace slipway::app

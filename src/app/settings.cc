#include "app/settings.h"

#include <algorithm>
#include <array>

#include "base/invariant.h"
#include "base/text.h"

namespace slipway::app {
namespace {

constexpr std::array<SettingSpec, 42> kSpecs = {{
    {"data", "./slipway-data", "DIR", "where models, versions and tokens are kept"},
    {"database", "", "URL",
     "PostgreSQL for models, versions, tokens and training instead of files in data: postgresql://user@host/name; a "
     "password in it only by SLIPWAY_DATABASE"},
    {"artifacts", "", "s3://BUCKET[/PREFIX]", "where the files of packages are kept; empty: in data"},
    {"s3_endpoint", "", "https://HOST[:PORT]", "an S3-compatible server; empty: AWS"},
    {"s3_region", "us-east-1", "NAME", "of the bucket"},
    {"s3_addressing", "auto", "auto|path|virtual",
     "the bucket in the path, or in the host's name; auto: in the name on AWS"},
    {"s3_credentials", "", "FILE",
     "with aws_access_key_id and aws_secret_access_key; empty: AWS_ACCESS_KEY_ID and so on of the environment"},
    {"s3_ca", "", "FILE", "authorities (PEM) believed for s3_endpoint; empty: the system's"},
    {"artifact_copies", "10GiB", "AMOUNT", "local copies of what is on S3; the least used go first"},
    {"prediction_log", "1GiB", "AMOUNT",
     "how much is kept in data of what became of each prediction; the oldest goes first; 0: nothing is recorded"},
    {"prediction_log_age", "7d", "DURATION", "how long it is kept"},
    {"listen", "127.0.0.1:8080", "HOST:PORT[,tls:HOST:PORT|plain:HOST:PORT|unix:PATH...]",
     "addresses to answer on; port 0 takes a free one; without a word before it, one that is not loopback has TLS"},
    {"tls_certificate", "", "FILE",
     "certificate and chain (PEM) of the addresses with TLS; none: one of the server's own"},
    {"tls_key", "", "FILE", "its private key (PEM)"},
    {"tls_client_ca", "", "FILE", "authorities (PEM) whose client certificates are believed"},
    {"tls_identities", "", "uri:NAME=ROLE|dns:NAME=ROLE[,...]",
     "roles of the names in client certificates, exactly as they stand there"},
    {"environment", "production", "NAME", "the environment this server serves"},
    {"model_repository", "", "DIR", "a Triton repository whose models are imported and served; empty: none"},
    {"model_control", "poll", "poll|explicit",
     "poll: what changes in the repository is taken; explicit: only what a load asks for"},
    {"repository_poll", "2s", "DURATION",
     "how often the repository is looked at; a change is taken at the second look"},
    {"loops", "0", "N", "event loops; 0: one per core"},
    {"workers", "4", "N",
     "threads for the admin API and the metrics, and as many for long bodies; pushes and loads have four of their own"},
    {"anonymous", "loopback", "loopback|nothing|everything",
     "what callers without a token may do: read and predict on loopback, nothing but health, or everything"},
    {"insecure", "false", "true|false",
     "allow anonymous=everything on an address that is not loopback, and S3 without TLS", true},
    {"hosts", "", "NAME[,NAME...]", "further names accepted in the Host header, '*' for any"},
    {"log_format", "auto", "auto|json|text", "auto: text on a terminal, else JSON lines"},
    {"log_level", "info", "debug|info|warning|error|off", "the least severe line written"},
    {"access_log", "errors", "errors|all|off", "requests logged; errors: failed ones and slow ones"},
    {"slow_request", "1s", "DURATION", "requests that took longer are logged as slow"},
    {"sandbox", "preferred", "preferred|required",
     "of verification: what walls this machine allows, told in the log; or no verification without all of them"},
    {"gate_plan", "", "FILE", "gate plans (YAML): what versions have to pass before they can be served; empty: none"},
    {"gate_timeout", "10m", "DURATION",
     "how long one process of the gates may take, at least 1s; what takes longer is inconclusive"},
    {"webhooks", "", "URL[,URL...]", "told of every decision about a rollout (docs/formats/webhooks.md); empty: none"},
    {"webhook_secret", "", "FILE", "with the secret that signs what webhooks are told, at least 16 bytes"},
    {"webhook_private", "false", "true|false", "webhooks may lead to loopback and private addresses", true},
    {"prometheus", "", "NAME=URL[,NAME=URL...]",
     "Prometheus servers that rollout plans may query for limits, by these names; empty: none"},
    {"model_memory", "0", "AMOUNT",
     "memory for all loaded models together; 0: three quarters of what the machine or its control group has"},
    {"body_memory", "64MiB", "AMOUNT", "memory for request bodies of all connections together"},
    {"answer_memory", "64MiB", "AMOUNT", "memory for answers that their peers have not yet read"},
    {"connections", "10000", "N", "connections at once"},
    {"connections_per_address", "1000", "N",
     "connections of one address at once, loopback and UNIX sockets apart; 0: no limit of its own"},
    {"drain", "30s", "DURATION", "how long a stop waits for requests in flight"},
}};

const SettingSpec* find_spec(std::string_view key) {
  const auto at = std::ranges::find(kSpecs, key, &SettingSpec::key);
  return at == kSpecs.end() ? nullptr : &*at;
}

}  // namespace

std::span<const SettingSpec> setting_specs() {
  return kSpecs;
}

std::string flag_of(const SettingSpec& spec) {
  std::string flag = "--" + std::string(spec.key);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string variable_of(const SettingSpec& spec) {
  std::string name = "SLIPWAY_" + std::string(spec.key);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return name;
}

Result<Settings> Settings::gather(const std::vector<GivenSetting>& file,
                                  const std::function<const char*(const std::string&)>& variable,
                                  const std::vector<GivenSetting>& flags) {
  Settings settings;
  for (const SettingSpec& spec : kSpecs)
    settings.values_[std::string(spec.key)] = {std::string(spec.fallback), "default"};
  const auto take = [&](const GivenSetting& given) -> Result<void> {
    if (!find_spec(given.key))
      return invalid_input(given.source + ": unknown setting \"" + printable(given.key) + "\"");
    settings.values_[given.key] = {given.value, given.source};
    return {};
  };
  for (const GivenSetting& given : file) TRY(take(given));
  for (const SettingSpec& spec : kSpecs) {
    const std::string name = variable_of(spec);
    if (const char* value = variable(name)) TRY(take({std::string(spec.key), value, name}));
  }
  for (const GivenSetting& given : flags) TRY(take(given));
  return settings;
}

const Setting& Settings::operator[](std::string_view key) const {
  const auto at = values_.find(key);
  invariant(at != values_.end(), "only settings of the table are asked for");
  return at->second;
}

}  // namespace slipway::app

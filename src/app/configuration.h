// Configuration: the settings of a server as typed values.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "adapter/api_access/access_gate.h"
#include "adapter/artifacts_s3/s3_settings.h"
#include "adapter/net/tls_credentials.h"
#include "adapter/probe_process/probe_process.h"
#include "adapter/triton_repository/triton_repository.h"
#include "app/settings.h"
#include "app/webhooks.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "domain/access/permission.h"
#include "domain/governance/approval.h"

namespace slipway::app {

enum class AccessLogMode : std::uint8_t { Errors, All, Off };

struct Configuration {
  std::string data;
  std::string database;                        // PostgreSQL's URL, with its password; empty: SQLite in `data`
  std::optional<artifacts_s3::S3Settings> s3;  // none: artifacts are in `data`
  Bytes artifact_copies;
  Bytes prediction_log;  // 0: nothing is recorded
  Duration prediction_log_age;
  std::vector<std::string> listen;  // "tls:" before those with TLS
  net::TlsFiles tls;                // paths; none: a certificate of the server's own
  api_access::CertificateIdentities identities;
  std::string environment;
  std::string model_repository;  // empty: none
  triton_repository::Control model_control = triton_repository::Control::Poll;
  Duration repository_poll{0};
  std::uint32_t cores = 1;  // that the process may use
  std::size_t loops = 1;
  std::size_t workers = 4;
  probe_process::SandboxPolicy sandbox = probe_process::SandboxPolicy::Preferred;
  std::string gate_plan;  // a file; empty: none
  Duration gate_timeout{0};
  WebhookConfiguration webhooks;
  std::map<std::string, std::string> prometheus;  // name -> URL
  access::AnonymousPolicy anonymous = access::AnonymousPolicy::LoopbackReads;
  std::vector<std::string> hosts;
  LogFormat log_format = LogFormat::Text;
  LogLevel log_level = LogLevel::Info;
  AccessLogMode access_log = AccessLogMode::Errors;
  Duration slow_request{0};
  Bytes model_memory;
  Bytes body_memory;
  Bytes answer_memory;
  std::size_t connections = 10'000;
  std::size_t connections_per_address = 1'000;
  Duration drain{0};
  governance::Rules rules;  // of the file's section `governance:`; set by the command that read it
};

// InvalidInput names the setting, its source, what was expected and what was found. Refuses anonymous=everything on an
// address that is not loopback unless insecure is set.
Result<Configuration> configure(const Settings& settings);

// "127.0.0.1:8080", "[::1]:80", "localhost:80" and "unix:..." are; anything else is reachable from outside.
bool is_loopback(std::string_view address);

}  // namespace slipway::app

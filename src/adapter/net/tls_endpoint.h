// TlsEndpoint: what the TLS listeners of a server share: the certificate of the moment, taken over anew when its files
// change.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "adapter/net/tls_credentials.h"
#include "adapter/net/tls_stream.h"
#include "base/log.h"
#include "base/snapshot.h"
#include "ports/telemetry.h"

namespace slipway::net {

struct TlsSettings {
  TlsFiles files;                                           // paths
  std::vector<std::string> protocols = {"h2", "http/1.1"};  // for ALPN, most wanted first
};

// Owned by the application, outlives the server. accept(): any loop's thread; tick(): one thread, reads files.
class TlsEndpoint final : public ports::MetricSource {
 public:
  // Fails as TlsCredentials::load() does.
  static Result<std::unique_ptr<TlsEndpoint>> open(TlsSettings settings, TimePoint now, Log& log);

  // Connections that begin from now on; those there are keep the certificate they began with.
  std::unique_ptr<TlsStream> accept(ByteStream& below, TlsHandshakes* handshakes = nullptr) const;
  // Takes new files over once they have stayed the same for kSettles; files that are no good are told in the log, once,
  // and the old ones stay. Rotates the keys of session tickets.
  void tick(TimePoint now);
  void collect(ports::MetricVisitor& visitor) const override;

  static constexpr Duration kSettles = std::chrono::seconds(1);

 private:
  // Which bytes a path led to: another file or another state of it differs.
  struct Stamp {
    std::array<std::uint64_t, 15> values{};
    bool operator==(const Stamp&) const = default;
  };
  TlsEndpoint(TlsSettings settings, TimePoint now, Log& log)
      : settings_(std::move(settings)), log_(log), tickets_(now) {}
  Stamp stamp() const;

  const TlsSettings settings_;
  Log& log_;
  TicketKeys tickets_;
  Snapshot<TlsCredentials> context_{nullptr};
  Stamp loaded_, refused_, seen_;
  TimePoint look_at_{};
  std::atomic<std::uint64_t> taken_{0}, refusals_{0};
};

}  // namespace slipway::net

#include "adapter/net/tls_endpoint.h"

#include <sys/stat.h>

#include <utility>

namespace slipway::net {

Result<std::unique_ptr<TlsEndpoint>> TlsEndpoint::open(TlsSettings settings, TimePoint now, Log& log) {
  std::unique_ptr<TlsEndpoint> made(new TlsEndpoint(std::move(settings), now, log));
  made->loaded_ = made->seen_ = made->stamp();  // before reading: a change in between is seen by the first tick
  made->context_.publish(TRY(TlsCredentials::load(made->settings_.files, made->settings_.protocols, made->tickets_)));
  return made;
}

std::unique_ptr<TlsStream> TlsEndpoint::accept(ByteStream& below, TlsHandshakes* handshakes) const {
  return std::make_unique<TlsStream>(below, context_.current(), handshakes);
}

TlsEndpoint::Stamp TlsEndpoint::stamp() const {
  Stamp stamp;
  std::size_t at = 0;
  for (const std::string* path : {&settings_.files.certificate, &settings_.files.key, &settings_.files.client_ca}) {
    struct stat found{};
    if (path->empty() || ::stat(path->c_str(), &found) != 0) found = {};
    for (const auto value :
         {static_cast<std::uint64_t>(found.st_dev), static_cast<std::uint64_t>(found.st_ino),
          static_cast<std::uint64_t>(found.st_size), static_cast<std::uint64_t>(found.st_mtim.tv_sec),
          static_cast<std::uint64_t>(found.st_mtim.tv_nsec)}) {
      stamp.values[at++] = value;
    }
  }
  return stamp;
}

void TlsEndpoint::tick(TimePoint now) {
  tickets_.rotate(now);
  if (now < look_at_) return;
  look_at_ = now + kSettles;
  const Stamp found = stamp();
  // Certificate and key are two files: what is still being replaced is looked at again.
  if (std::exchange(seen_, found) != found || found == loaded_ || found == refused_) return;
  auto context = TlsCredentials::load(settings_.files, settings_.protocols, tickets_);
  if (!context) {
    refused_ = found;
    refusals_.fetch_add(1, std::memory_order_relaxed);
    log_.error("the new TLS files are not taken over; the old certificate stays",
               {{"reason", std::string_view(context.error().message)}});
    return;
  }
  log_.info("the TLS files have changed and are taken over",
            {{"certificate", std::string_view(settings_.files.certificate)},
             {"valid_until", std::string_view((*context)->expiry())}});
  loaded_ = found;
  taken_.fetch_add(1, std::memory_order_relaxed);
  context_.publish(*std::move(context));
}

void TlsEndpoint::collect(ports::MetricVisitor& visitor) const {
  visitor.family("slipway_tls_reloads_total", "Changes of the TLS files, by what became of them.",
                 ports::MetricKind::Counter);
  const std::array taken = {ports::MetricLabel{"outcome", "taken"}},
                   refused = {ports::MetricLabel{"outcome", "refused"}};
  visitor.sample(taken, static_cast<double>(taken_.load(std::memory_order_relaxed)));
  visitor.sample(refused, static_cast<double>(refusals_.load(std::memory_order_relaxed)));
}

}  // namespace slipway::net

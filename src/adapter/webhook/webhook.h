// Webhook: tells a URL of events, signed, by libcurl.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "adapter/webhook/webhook_target.h"
#include "base/clock.h"
#include "domain/model/event.h"
#include "ports/notifier.h"

namespace slipway::http_out {
class CurlHandle;
}

namespace slipway::webhook {

struct WebhookSettings {
  std::string url;     // as check_url() gave it
  std::string secret;  // of the signature
  Reach reach = Reach::Public;
  Duration patience = std::chrono::seconds(10);  // for one event, connecting included
};

// What is sent: docs/formats/webhooks.md. As ports::Notifier says; keeps its connection between events. No redirect is
// followed, no proxy of the environment asked, and nobody inside is connected to unless `reach` says so: the address
// that is connected to is looked at, not the name. Denied: it is such a one.
class Webhook final : public ports::Notifier {
 public:
  Webhook(WebhookSettings settings, const Clock& clock);
  ~Webhook() override;
  Result<void> tell(const model::Event& event) override;
  void stop() override { is_stopped_ = true; }

 private:
  const WebhookSettings settings_;
  const Clock& clock_;
  std::atomic<bool> is_stopped_ = false;
  std::unique_ptr<http_out::CurlHandle> handle_;
};

// One try at telling an event.
struct Try {
  int code = 0;             // curl's
  long status = 0;          // of the answer
  bool was_inside = false;  // an address was refused
};
Result<void> judged(const Try& made, const std::string& where);

std::string body_of(const model::Event& event);
// "t=1795000000,v1=HEX": HMAC-SHA256 of "1795000000." and the body.
std::string signature_of(std::string_view secret, std::int64_t seconds, std::string_view body);

}  // namespace slipway::webhook

// Webhooks: the listeners that a server tells of rollouts, each with its thread and its place in the history.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "adapter/data_directory/data_directory.h"
#include "adapter/webhook/webhook.h"
#include "adapter/worker_pool/ticker.h"
#include "app/changes.h"
#include "service/announcing/announcer.h"

namespace slipway::app {

struct WebhookConfiguration {
  std::vector<std::string> urls;
  std::string secret_file;
  webhook::Reach reach = webhook::Reach::Public;
};
inline constexpr std::size_t kMostWebhooks = 8;
inline constexpr std::size_t kShortestSecret = 16, kLongestSecret = 4'096;  // bytes

// Owned by the house. Each listener has a thread that may wait for it; a listener's place is a file of the data
// directory, webhook-ID.told, ID being of its URL.
class Webhooks {
 public:
  struct Parts {
    ports::MetadataStore& history;
    data_directory::DataDirectory& data;
    Changes& changes;
    const std::atomic<bool>& is_open;  // whether the data directory is this process's alone
    const Clock& clock;
    Log& log;
  };
  // InvalidInput, NotFound: the secret's file.
  static Result<std::unique_ptr<Webhooks>> open(const WebhookConfiguration& configuration, const Parts& parts);

  void begin();  // to tell what happens from here on; the data directory is this process's
  void start();
  void stop();
  std::vector<const ports::MetricSource*> metrics() const;

 private:
  struct Listener {
    std::unique_ptr<webhook::Webhook> webhook;
    std::unique_ptr<announcing::Announcer> announcer;
    std::unique_ptr<worker_pool::Ticker> ticker;
  };
  std::vector<Listener> listeners_;
};

}  // namespace slipway::app

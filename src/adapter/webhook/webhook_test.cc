#include "adapter/webhook/webhook.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "base/guarded.h"
#include "base/hmac.h"

namespace slipway::webhook {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

// Answers each connection on loopback with the same words, or not at all; remembers what it was asked.
class Listener {
 public:
  explicit Listener(std::string answer) : answer_(std::move(answer)) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    is_ready_ = ::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 && ::listen(socket_, 8) == 0 &&
                ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0;
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Listener() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    for (const int each : silent_) ::close(each);
    ::close(socket_);
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/rollouts?key=s3cret"; }
  std::vector<std::string> asked() const { return *asked_.lock(); }
  bool is_ready() const { return is_ready_; }

 private:
  void serve() {
    for (;;) {
      const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      std::string text;
      while (!text.ends_with("}\n")) {
        char piece[4096];
        const ssize_t size = ::recv(connection, piece, sizeof piece, 0);
        if (size <= 0) break;
        text.append(piece, static_cast<std::size_t>(size));
      }
      asked_.lock()->push_back(text);
      if (answer_.empty()) {
        silent_.push_back(connection);
        continue;
      }
      const std::string reply = "HTTP/1.1 " + answer_ + "\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
      ::send(connection, reply.data(), reply.size(), MSG_NOSIGNAL);
      ::close(connection);
    }
  }
  const std::string answer_;
  int socket_ = -1;
  std::uint16_t port_ = 0;
  bool is_ready_ = false;
  std::vector<int> silent_;
  Guarded<std::vector<std::string>> asked_;
  std::thread thread_;
};

model::Event event() {
  model::Event event;
  event.sequence = 812;
  event.action = "rollout";
  event.model = "fraud \"x\"";
  event.subject = "rollout 7 in production";
  event.to = "restoring 4=0";
  event.reason = "version 4 does harm";
  return event;
}

WebhookSettings settings(const Listener& listener, Reach reach = Reach::Private) {
  return {.url = listener.url(), .secret = "the secret", .reach = reach};
}

std::string outcome(const Result<void>& told) {
  return told.ok() ? "told" : std::string(name_of(told.error().code)) + ": " + told.error().message;
}

TEST(Webhook, tells_the_event_with_a_signature_that_only_the_secret_makes) {
  const Listener listener("204 x");
  ASSERT_TRUE(listener.is_ready());
  ManualClock clock;
  Webhook webhook(settings(listener), clock);
  ASSERT_EQ(outcome(webhook.tell(event())), "told");
  const std::string asked = listener.asked().at(0);
  EXPECT_THAT(asked, HasSubstr("POST /rollouts?key=s3cret HTTP/1.1"));
  EXPECT_THAT(asked, HasSubstr("Slipway-Event: 812"));
  const std::string body = asked.substr(asked.find("\r\n\r\n") + 4);
  EXPECT_THAT(body, HasSubstr(R"("id": "812", "type": "rollout")"));
  EXPECT_THAT(body, HasSubstr(R"("model": "fraud \"x\"")"));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock.wall_now()).time_since_epoch().count();
  EXPECT_THAT(asked, HasSubstr("Slipway-Signature: " + signature_of("the secret", seconds, body)));
  EXPECT_THAT(asked, Not(HasSubstr(signature_of("another secret", seconds, body))));
  EXPECT_NE(signature_of("the secret", seconds + 1, body), signature_of("the secret", seconds, body));
}

TEST(Webhook, tells_apart_what_may_pass_from_what_was_refused) {
  const std::vector<std::pair<std::string, std::string>> table = {
      {"500 x", "Unavailable: "}, {"429 x", "Unavailable: "}, {"401 x", "InvalidInput: "}};
  for (const auto& [answer, expected] : table) {
    const Listener listener(answer);
    ManualClock clock;
    Webhook webhook(settings(listener), clock);
    const std::string found = outcome(webhook.tell(event()));
    EXPECT_TRUE(found.starts_with(expected)) << found;
    EXPECT_EQ(found.find("s3cret"), std::string::npos) << found;
  }
}

TEST(Webhook, follows_no_redirect) {
  const Listener other("200 x");
  const Listener listener("307 x\r\nLocation: " + other.url());
  ManualClock clock;
  Webhook webhook(settings(listener), clock);
  EXPECT_THAT(outcome(webhook.tell(event())), HasSubstr("found 307"));
  EXPECT_TRUE(other.asked().empty());
}

TEST(Webhook, connects_to_nobody_inside_unless_it_may) {
  const Listener listener("200 x");
  ManualClock clock;
  Webhook webhook(settings(listener, Reach::Public), clock);
  EXPECT_THAT(outcome(webhook.tell(event())), HasSubstr("Denied: http://127.0.0.1"));
  EXPECT_TRUE(listener.asked().empty());
}

TEST(Webhook, a_target_that_never_answers_is_given_up_in_time_and_at_a_stop) {
  const Listener listener("");
  ManualClock clock;
  WebhookSettings slow = settings(listener);
  slow.patience = 50ms;
  Webhook impatient(slow, clock);
  EXPECT_TRUE(outcome(impatient.tell(event())).starts_with("Unavailable: "));
  slow.patience = 1h;
  Webhook patient(slow, clock);
  std::thread stopper([&] {
    while (listener.asked().size() < 2) std::this_thread::yield();
    patient.stop();
  });
  EXPECT_TRUE(outcome(patient.tell(event())).starts_with("Cancelled: "));
  stopper.join();
  EXPECT_TRUE(outcome(patient.tell(event())).starts_with("Cancelled: ")) << "and everything after";
}

TEST(Webhook, what_was_told_to_another_address_of_the_name_is_told) {
  EXPECT_EQ(outcome(judged({.code = CURLE_OK, .status = 204, .was_inside = true}, "")), "told");
  EXPECT_EQ(outcome(judged({.code = CURLE_WRITE_ERROR, .status = 200, .was_inside = true}, "")), "told");
  EXPECT_EQ(outcome(judged({.code = CURLE_OK, .status = 500, .was_inside = true}, "")),
            "Unavailable: expected an answer of 2xx, found 500");
  EXPECT_TRUE(outcome(judged({.code = CURLE_COULDNT_CONNECT, .was_inside = true}, "")).starts_with("Denied: "));
}

TEST(WebhookTarget, urls_that_are_none_or_a_trap_are_refused) {
  for (const char* url : {"", "hooks.example.com", "ftp://example.com/", "file:///etc/passwd", "http://",
                          "https://user:password@example.com/", "https://exa mple.com/"}) {
    EXPECT_FALSE(check_url(url).ok()) << url;
  }
  EXPECT_FALSE(check_url("https://example.com/" + std::string(kLongestUrl, 'x')).ok());
  EXPECT_EQ(*check_url("https://hooks.example.com:8443/a?b=c"), "https://hooks.example.com:8443/a?b=c");
  EXPECT_EQ(shown_url("https://hooks.example.com:8443/a?b=c"), "https://hooks.example.com:8443");
}

TEST(WebhookTarget, knows_addresses_that_only_machines_inside_reach) {
  const auto is_open = [](const char* text) {
    sockaddr_storage storage{};
    auto& four = reinterpret_cast<sockaddr_in&>(storage);
    auto& six = reinterpret_cast<sockaddr_in6&>(storage);
    if (::inet_pton(AF_INET, text, &four.sin_addr) == 1) {
      storage.ss_family = AF_INET;
    } else {
      EXPECT_EQ(::inet_pton(AF_INET6, text, &six.sin6_addr), 1) << text;
      storage.ss_family = AF_INET6;
    }
    return is_public(reinterpret_cast<const sockaddr&>(storage));
  };
  for (const char* inside : {"127.0.0.1",         "10.1.2.3",      "172.16.0.1",
                             "172.31.255.255",    "192.168.1.1",   "169.254.169.254",
                             "100.64.0.1",        "0.0.0.0",       "224.0.0.1",
                             "255.255.255.255",   "::1",           "::",
                             "fe80::1",           "fd00::1",       "::ffff:127.0.0.1",
                             "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001::1",
                             "ff02::1",           "64:ff9b:1::1",  "64:ff9b:1:ffff::808:808",
                             "3fff::1",           "3fff:fff::1",   "5f00::1"}) {
    EXPECT_FALSE(is_open(inside)) << inside;
  }
  for (const char* open : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8",
                           "64:ff9b::8.8.8.8", "3ffe::1", "5f01::1"}) {
    EXPECT_TRUE(is_open(open)) << open;
  }
}

}  // namespace
}  // namespace slipway::webhook

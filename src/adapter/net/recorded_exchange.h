// RecordedExchange: an exchange without a network, for the tests of protocol adapters.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "adapter/net/exchange.h"

namespace slipway::net {

// Give it a request, hand it to a handler, look at what was answered. One thread.
class RecordedExchange final : public Exchange {
 public:
  RecordedExchange(Method method, std::string path, std::string body = {})
      : method_(method), path_(std::move(path)), body_(std::move(body)), padded_(body_) {
    padded_.append(kBodyPadding, '\x7F');  // readable, and nobody's
  }
  RecordedExchange(const RecordedExchange&) = delete;
  RecordedExchange& operator=(const RecordedExchange&) = delete;
  RecordedExchange& with_header(std::string lower_name, std::string value) {
    headers_[std::move(lower_name)] = std::move(value);
    return *this;
  }
  RecordedExchange& with_parameters(std::vector<std::string> parameters) {
    parameters_ = std::move(parameters);
    return *this;
  }

  Method method() const override { return method_; }
  std::string_view path() const override { return path_; }
  std::string_view query(std::string_view) const override { return {}; }
  std::string_view header(std::string_view lower_name) const override { return found(headers_, lower_name); }
  std::string_view parameter(std::size_t index) const override {
    return index < parameters_.size() ? std::string_view(parameters_[index]) : std::string_view();
  }
  ByteSpan body() const override { return as_bytes(std::string_view(padded_).substr(0, body_.size())); }
  void release_body() override {
    is_body_released = true;
    body_.clear();
    padded_.assign(padded_.size(), '\x7F');  // a view that was left shows it
  }
  const access::Principal& principal() const override { return principal_; }
  Result<void> require(access::Permission) const override { return {}; }
  std::string_view request_id() const override { return "request-1"; }
  TimePoint received_at() const override { return {}; }
  std::size_t loop_index() const override { return 0; }
  bool hold(std::size_t bytes) override {
    held = bytes;
    return has_room && bytes <= room;
  }
  bool run_aside(const ports::Task& work, const ports::Task& then) override {
    if (!has_worker) return false;
    aside = {work, then};
    if (!is_worker_slow) run_what_is_aside();
    return true;
  }
  bool run_apart(const ports::Task& work, const ports::Task& then) override { return run_aside(work, then); }
  void watch(Abandonment* watcher) override { watcher_ = watcher; }
  std::string& open(int answer_status, std::string_view type) override {
    ++answers;
    status = answer_status;
    answer_headers["content-type"] = type;
    return answer;
  }
  void add_header(std::string_view name, std::string_view value) override { answer_headers[std::string(name)] = value; }
  bool has_trailers() const override { return true; }
  void add_trailer(std::string_view name, std::string_view value) override { trailers[std::string(name)] = value; }
  void finish() override { finished = true; }

  // The peer goes away.
  void leave() {
    if (watcher_ != nullptr) std::exchange(watcher_, nullptr)->abandoned();
  }
  std::string_view answer_header(std::string_view name) const { return found(answer_headers, name); }
  // What was put aside is worked on, and the loop hears of it.
  void run_what_is_aside() {
    const auto [work, then] = std::exchange(aside, {});
    work();
    then();
  }
  bool is_watched() const { return watcher_ != nullptr; }

  bool is_body_released = false;
  bool has_worker = true;       // for run_aside()
  bool is_worker_slow = false;  // then the test says when: run_what_is_aside()
  std::pair<ports::Task, ports::Task> aside;
  bool has_room = true;         // for hold()
  std::size_t room = SIZE_MAX;  // bytes that the handler may hold
  std::size_t held = 0;         // of them, as it last said
  int answers = 0;
  int status = 0;
  std::string answer;
  bool finished = false;
  std::map<std::string, std::string, std::less<>> answer_headers;
  std::map<std::string, std::string, std::less<>> trailers;

 private:
  using Headers = std::map<std::string, std::string, std::less<>>;
  static std::string_view found(const Headers& headers, std::string_view name) {
    const auto at = headers.find(name);
    return at == headers.end() ? std::string_view() : std::string_view(at->second);
  }

  Method method_;
  std::string path_;
  std::string body_;
  std::string padded_;
  Headers headers_;
  std::vector<std::string> parameters_;
  access::Principal principal_{"tester", access::Role::Admin, true};
  Abandonment* watcher_ = nullptr;
};

}  // namespace slipway::net

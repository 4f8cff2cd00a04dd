// HttpExchange: what a request and its answer have in common in every version of HTTP: admission on the head, its
// decoded parts, the way to the handler, blocking routes, and what is noted about the answer.
#pragma once

#include <array>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/net/blocking_exchange.h"
#include "adapter/net/body_buffer.h"
#include "adapter/net/body_inflation.h"
#include "adapter/net/connection.h"
#include "adapter/net/content_pouring.h"
#include "adapter/net/exchange.h"
#include "adapter/net/http1_head.h"
#include "adapter/net/pace.h"
#include "adapter/net/request_body.h"
#include "adapter/net/station.h"

namespace slipway::net {

// Part of what speaks the protocol (a connection of HTTP/1.1, a stream of HTTP/2), which brings the head and the body
// and sends the answer. Reused for one request after another; the loop's thread only.
class HttpExchange : public StreamingExchange {
 public:
  // From the worker of a blocking route, back on the loop.
  void take_reply(BlockingExchange& from, Reply reply);
  virtual void body_wanted(BlockingExchange& from) = 0;

  // Exchange, but for open() and finish().
  Method method() const final { return head_->method; }
  std::string_view path() const final;
  std::string_view query(std::string_view key) const final;
  std::string_view header(std::string_view lower_name) const final;
  bool has_own_headers() const final { return head_->has_own_fields; }
  std::string_view parameter(std::size_t index) const final;
  ByteSpan body() const final { return body_; }
  const access::Principal& principal() const final { return principal_; }
  Result<void> require(access::Permission permission) const final;
  Result<void> require_model(std::string_view model) const final;
  std::string_view request_id() const final { return {request_id_.data(), request_id_size_}; }
  TimePoint received_at() const final { return received_at_; }
  std::size_t loop_index() const final { return station_.loop_index; }
  ErrorBody error_body() const final { return match_.route != nullptr ? match_.route->error_body : nullptr; }
  void watch(Abandonment* watcher) final { watcher_ = watcher; }
  void add_header(std::string_view name, std::string_view value) final;

  // StreamingExchange, as it is when the whole body was read before.
  void listen(StreamListener& listener) final { watcher_ = listener_ = &listener; }
  bool has_whole_body() const override { return true; }
  void drop_body(std::size_t count) override { body_ = body_.subspan(count); }
  void want_body(std::size_t /*count*/) override {}
  bool hold(std::size_t bytes) final;
  void release_body() final;
  bool run_aside(const ports::Task& work, const ports::Task& then) final;
  bool run_apart(const ports::Task& work, const ports::Task& then) final;

 protected:
  // `kept_body`: memory that stays for the next body.
  explicit HttpExchange(Station& station, std::size_t kept_body = 0)
      : station_(station), body_buffer_(station.shared.bodies, kept_body) {}
  ~HttpExchange() override = default;

  // The server itself answers, not the handler, or a worker's reply has come.
  virtual void before_answer() = 0;
  // Drops what was written since open(); the answer begins anew.
  virtual void take_back_answer() = 0;
  // The peer has left, and only an answer is waited for that it will not get.
  virtual bool is_forsaken() const = 0;

  // From a head (http_exchange.cc). Requires: head_bytes_ is set, and stays good until the answer is finished.
  void begin_exchange();
  // Everything that is decided on the head alone. False: answered already.
  bool admit(Peer& peer, Coding& coding);
  std::uint64_t body_limit(Coding coding) const;
  BodySink& body_sink() { return blocking_ ? static_cast<BodySink&>(blocking_->pipe()) : body_buffer_; }
  bool start_blocking(std::size_t expected_body);  // a route that streams; false: answered already
  // A body that is gathered comes as it is sent, and is inflated when it is there.
  void inflate_later(Coding coding) { coding_of_body_ = coding; }
  void call_handler();  // with the body there, on a worker for a blocking route
  void answer_early(const Error& error, int status, Trouble trouble);
  // Asked about once a second while the body comes, of which `received` bytes have: true when memory for bodies is
  // short, and this one holds some of it and grows too slowly to be waited for.
  bool hogs_memory(std::uint64_t received);
  // The same of an answer that the peer takes, `held` bytes of memory: of it `sent` have gone.
  bool hogs_answers(std::size_t held, std::uint64_t sent);
  void head_refused(const Refusal& refusal, Trouble trouble);  // head_bytes_ may be none
  void body_refused(const Refusal& refusal);
  bool wake();  // true: it was time, and the listener was told
  // A reply whose content is read piece by piece begins: from here on it is a streaming answer.
  virtual void begin_pouring() {}
  void note(Trouble trouble) { station_.counters.note(trouble); }

  // The answer.
  void begin_answer(int status, std::string_view content_type);
  // The content in a coding the peer accepts, when that is worth it.
  std::optional<std::string> encoded(std::string_view content, Coding& coding) const;
  void end_answer(std::uint64_t bytes_out);
  bool has_answered() const { return answered_; }
  bool is_pouring() const { return pouring_ != nullptr; }
  // Work of it is, or was, a worker's, which nobody calls back: the answer is waited for although the peer has ended
  // its side, unless it is known to be gone. Of one that only has nothing more to ask the same is seen.
  bool is_with_worker(bool is_peer_gone) const {
    return blocking_ != nullptr || ((was_aside_ || is_pouring()) && !is_peer_gone);
  }

  Station& station_;
  const RequestHead* head_ = nullptr;
  const char* head_bytes_ = nullptr;  // none: the head is gone
  const Peer* peer_of_exchange_ = nullptr;
  std::optional<BodyReader> body_reader_;
  BodyBuffer body_buffer_;
  std::shared_ptr<BodyBuffer> shared_body_;  // instead of it, once a worker reads it too
  ByteSpan body_;
  Coding coding_of_body_ = Coding::Identity;  // of body_, still
  RouteTable::Match match_;
  access::Principal principal_;
  TimePoint received_at_{};
  Abandonment* watcher_ = nullptr;
  StreamListener* listener_ = nullptr;  // of a streaming route
  TimePoint wake_at_ = TimePoint::max();
  std::shared_ptr<BlockingExchange> blocking_;
  bool owes_continue_ = false;
  bool was_aside_ = false;
  std::string added_headers_;                  // "Name: value\r\n" each
  std::optional<std::uint64_t> whole_length_;  // of an answer in pieces, where it is known before
  int status_ = 0;
  bool is_open_ = false, answered_ = true, is_encodable_ = false;
  std::uint64_t bytes_in_ = 0;
  TimePoint heard_at_{};  // when the peer's last bytes came, or were read again
  Pace body_pace_, answer_pace_;

 private:
  void take_request_id(std::string_view given);
  void decode_target();
  bool accept_host(Peer& peer);
  bool find_route();
  void remember_route(std::string_view path);
  bool authorize(const Peer& peer);
  void note_refusal(const Error& why) const;
  Result<void> check_scope() const;
  RequestCopy copy_request() const;
  bool submit(std::shared_ptr<BlockingExchange> exchange);
  bool submit_aside(const ports::Task& work, const ports::Task& then, std::shared_ptr<BodyBuffer> body);
  void call_inline();
  void inflate_body(Coding coding);
  void take_inflated(const std::shared_ptr<BodyInflation>& inflation);
  void record_access(std::uint64_t bytes_out);
  void pour(Reply reply);

  // What match_ was found for, if it has a route; where its parameters stand in the path.
  Method routed_method_ = Method::Other;
  std::string routed_path_;
  std::vector<RequestHead::Piece> parameter_places_;
  std::string decoded_path_;
  std::vector<std::string> decoded_parameters_;
  mutable std::list<std::string> decoded_values_;  // they stand still; takes no memory while there are none
  std::array<char, 128> request_id_;
  std::size_t request_id_size_ = 0;
  std::size_t held_ = 0;  // drawn by hold()
  std::shared_ptr<ContentPouring> pouring_;
};

// Longer unwanted bodies are not read to their end.
inline constexpr std::uint64_t kWorthReading = 64 << 10;

// Without what must not reach a header field.
void append_clean(std::string& out, std::string_view text);

}  // namespace slipway::net

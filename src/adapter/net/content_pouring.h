// ContentPouring: the body of a long answer on its way from a worker's reading to the peer.
#pragma once

#include <memory>
#include <string>

#include "adapter/net/exchange.h"
#include "adapter/net/mailbox.h"
#include "base/clock.h"
#include "base/log.h"
#include "ports/content.h"
#include "ports/loop.h"

namespace slipway::net {

// The loop's thread, but for reading: a worker is asked for each piece, and none is held while the peer takes its time.
// Memory: one piece, and what is unsent. Ends with the exchange, of which it is the listener; the content is let go
// then, or when the piece is read that is being read.
class ContentPouring final : public StreamListener, public std::enable_shared_from_this<ContentPouring> {
 public:
  static constexpr std::size_t kPiece = 128 << 10;

  struct Surroundings {
    ports::WorkerPool& workers;
    std::shared_ptr<Mailbox> mailbox;
    const Clock& clock;
    Log& log;
    int& count;  // of those under way on this loop
  };
  static constexpr int kMost = 64;  // of them: each holds a file open
  // Borrows the exchange until its end.
  ContentPouring(StreamingExchange& exchange, std::shared_ptr<ports::Content> content, Surroundings surroundings);

  std::uint64_t size() const { return left_; }  // before begin()
  // `out`: what open() returned.
  void begin(std::string& out);

  void abandoned() noexcept override { end(); }
  void body_grew() noexcept override {}
  void output_drained() noexcept override { ask(); }
  void overdue() noexcept override { ask(); }

 private:
  void ask();
  void take();
  StreamingExchange* end();  // the one it was of, if any

  StreamingExchange* exchange_;  // none: it has ended
  std::shared_ptr<ports::Content> content_;
  const Surroundings surroundings_;
  std::string* out_ = nullptr;
  std::uint64_t left_;
  bool is_reading_ = false;
  // The worker's while is_reading_.
  std::string piece_;
  Result<std::size_t> read_ = std::size_t{0};
};

}  // namespace slipway::net

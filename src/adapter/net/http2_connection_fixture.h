// A connection of HTTP/2 whose peer and sink are memory; without sockets or threads of its own.
#pragma once

#include "adapter/net/http2_connection.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include "adapter/net/http2_stream.h"
#include "adapter/net/open_gate.h"

namespace slipway::net {

class Memory final : public ByteStream {
 public:
  std::string in, out;
  std::size_t written = 0, largest = 0, room = std::size_t{1} << 40;
  std::size_t piece = std::size_t{1} << 40;  // a read stops there of itself
  bool ended = false, is_cut = false;
  StreamResult read(MutableByteSpan into) override {
    const std::size_t count = std::min({into.size(), in.size(), piece});
    if (count == 0) return {ended ? StreamResult::Outcome::Ended : StreamResult::Outcome::WouldBlock, 0, is_cut};
    std::memcpy(into.data(), in.data(), count);
    in.erase(0, count);
    return {StreamResult::Outcome::Progress, count, count == piece};
  }
  StreamResult write(ByteSpan bytes) override {
    bytes = bytes.first(std::min(bytes.size(), room));
    if (bytes.empty()) return {StreamResult::Outcome::WouldBlock};
    room -= bytes.size();
    written += bytes.size();
    largest = std::max(largest, bytes.size());
    out += as_text(bytes);
    return {StreamResult::Outcome::Progress, bytes.size()};
  }
  void end_writing() override {}
};

class Threads final : public ports::WorkerPool {
 public:
  bool submit(ports::Task task) override {
    all.emplace_back(std::move(task));
    return true;
  }
  std::vector<std::jthread> all;
};

inline std::string frame(char type, char flags, std::uint32_t stream, std::string_view payload) {
  std::string out;
  for (const int shift : {16, 8, 0}) out += static_cast<char>(payload.size() >> shift);
  out += {type, flags};
  for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(stream >> shift);
  return out += payload;
}

// Fields without a table: literal, not indexed.
inline std::string head(std::uint32_t stream, std::string_view method, std::string_view path, bool is_last) {
  std::string fields;
  const auto add = [&](std::string_view name, std::string_view value) {
    fields += '\0';
    for (const std::string_view text : {name, value}) (fields += static_cast<char>(text.size())) += text;
  };
  add(":method", method);
  add(":scheme", "http");
  add(":path", path);
  add(":authority", "x");
  return frame(1, is_last ? 5 : 4, stream, fields);
}

inline std::string data(std::uint32_t stream, std::size_t size) {
  constexpr std::size_t kMost = 16 << 10;
  std::string out;
  for (; size != 0; size -= std::min(size, kMost)) out += frame(0, 0, stream, std::string(std::min(size, kMost), 'd'));
  return out;
}

inline const std::string kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
inline const std::string kWidest = "\x7F\xFF\xFF\xFF";

class Http2ConnectionTest : public testing::Test {
 protected:
  void begin(std::vector<Route> routes, std::string_view settings = {}, Limits limits = {}) {
    shared_ =
        std::make_unique<ServerShared>(ServerParts{.routes = std::move(RouteTable::build(std::move(routes))).value(),
                                                   .gate = gate_,
                                                   .clock = clock_,
                                                   .workers = workers_,
                                                   .long_workers = workers_,
                                                   .body_workers = workers_,
                                                   .log = log_,
                                                   .access_log = {}},
                                       limits);
    station_ = std::make_unique<Station>(*shared_, 0);
    connection_ = std::make_unique<Http2Connection>(*station_);
    const std::string first = kPreface + frame(4, 0, 0, settings);
    connection_->begin(memory_, {}, as_bytes(first));
    tick();
    receive(frame(4, 1, 0, {}));  // our settings hold from here on
  }
  void receive(std::string bytes) {
    memory_.in = std::move(bytes);
    connection_->on_ready(true, false, false);
    tick();
  }
  // The peer sends this, ends its side, and takes little of what it gets.
  void end_after(std::string bytes) {
    memory_.in = std::move(bytes);
    memory_.room = 10'000;
    memory_.ended = true;
    connection_->on_ready(true, false, true);
    tick();
  }
  void tick() {
    std::vector<ports::Task> posted;
    station_->mailbox->take(posted);
    for (const ports::Task& task : posted) task();
    while (station_->has_turns()) {
      station_->counters.ticks.add(1);
      station_->take_turns();
    }
    station_->dirty.clear();
    connection_->flush();
    if (!std::exchange(station_->leaving, {}).empty()) connection_->leave_if_unanswered();
    count_windows();
    seen_ += std::exchange(memory_.out, {});
    if (seen_.size() > kSeen) seen_.clear();
  }
  // What the peer may send on stream 1.
  void count_windows() {
    const std::string& out = memory_.out;
    const auto number = [&](std::size_t at, std::size_t size) {
      std::size_t value = 0;
      for (const char c : std::string_view(out).substr(at, size)) value = value << 8 | static_cast<std::uint8_t>(c);
      return value;
    };
    for (std::size_t at = 0; at + 9 <= out.size(); at += 9 + number(at, 3)) {
      if (out[at + 3] == 8 && number(at + 5, 4) == 1) window_ += number(at + 9, 4);
    }
  }
  std::string data_of_window() { return data(1, std::exchange(window_, 0)); }
  void end() {
    connection_->close();
    connection_->recycle();
  }
  void TearDown() override {
    workers_.all.clear();  // what they still post holds the mailbox it lies in
    station_->mailbox->close();
  }
  // The first frame of this type that is about stream 1; empty: there is none.
  std::string sent_to_stream(char type) const {
    for (std::string_view rest = seen_; rest.size() >= 9;) {
      const std::size_t size =
          9 + (static_cast<std::size_t>(static_cast<std::uint8_t>(rest[0])) << 16 |
               static_cast<std::size_t>(static_cast<std::uint8_t>(rest[1])) << 8 | static_cast<std::uint8_t>(rest[2]));
      if (rest[3] == type && rest[8] == 1) return std::string(rest.substr(9, size - 9));
      rest.remove_prefix(std::min(size, rest.size()));
    }
    return {};
  }
  std::uint64_t troubles(Trouble trouble) const {
    return station_->counters.troubles[static_cast<std::size_t>(trouble)].value();
  }
  static std::size_t allocated() {
    const struct mallinfo2 now = mallinfo2();
    return now.uordblks + now.hblkhd;
  }

  OpenGate gate_;
  ManualClock clock_;
  Threads workers_;
  Log log_{{.level = LogLevel::Off}};
  Memory memory_;
  static constexpr std::size_t kSeen = 100'000;
  std::string seen_;  // what was sent lately
  std::size_t window_ = 256 << 10;
  std::unique_ptr<ServerShared> shared_;
  std::unique_ptr<Station> station_;
  std::unique_ptr<Http2Connection> connection_;
};

}  // namespace slipway::net

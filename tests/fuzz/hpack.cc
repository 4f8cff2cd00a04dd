// HPACK through the glue to nghttp2: blocks of header fields give the same fields, whole and cut into CONTINUATION
// frames and single reads; what is read is taken as a head or refused, and what is answered can be read again by a
// decoder of the size the peer asked for. Two bytes pick the cuts and that size; each block follows its length.
#include <nghttp2/nghttp2.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapter/net/http2_head.h"
#include "adapter/net/http2_session.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

using Fields = std::vector<std::pair<std::string, std::string>>;

struct Stream {
  std::int32_t id = 0;
  Fields fields;
  bool has_head = false, is_closed = false;
  std::uint32_t code = 0;
  bool operator==(const Stream&) const = default;
};

// The session hands back the pointers it is given, and looks into none.
Http2Stream& handle_of(Stream& stream) {
  return *static_cast<Http2Stream*>(static_cast<void*>(&stream));
}

class Recorder final : public Http2Events {
 public:
  Http2Stream* begin_stream(std::int32_t id) override {
    streams.push_back(std::make_unique<Stream>());
    streams.back()->id = id;
    return &handle_of(*streams.back());
  }
  void field(Http2Stream& handle, std::string_view name, std::string_view value) override {
    of(handle).fields.emplace_back(name, value);
  }
  void head_ended(Http2Stream& handle, bool) override { of(handle).has_head = true; }
  void data(Http2Stream&, ByteSpan) override {}
  void input_ended(Http2Stream&) override {}
  void stream_closed(Http2Stream& handle, std::uint32_t code) override {
    of(handle).is_closed = true;
    of(handle).code = code;
  }
  void cheap_frame() override {}
  void passed_over(std::size_t) override {}
  void head_read(std::size_t sent, std::size_t read) override { heads.emplace_back(sent, read); }
  void settled() override {}
  void ping_answered() override {}
  void last_frame_sent(Http2Stream&) override {}
  Ready ready(Http2Stream&) override { return {0, true, {}}; }
  void append_content(Http2Stream&, std::size_t, std::string&) override {}

  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<std::pair<std::size_t, std::size_t>> heads;

 private:
  static Stream& of(Http2Stream& handle) { return *static_cast<Stream*>(static_cast<void*>(&handle)); }
};

struct Outcome {
  std::vector<Stream> streams;
  std::vector<std::pair<std::size_t, std::size_t>> heads;  // bytes sent and read of each
  std::vector<Fields> answers;
  bool is_broken = false;
  bool operator==(const Outcome&) const = default;
};

std::string frame(std::uint8_t type, std::uint8_t flags, std::uint32_t id, std::string_view content) {
  std::string out;
  const auto put = [&](std::uint32_t value, int bytes) {
    while (bytes-- > 0) out += static_cast<char>(value >> (8 * bytes) & 0xFFU);
  };
  put(static_cast<std::uint32_t>(content.size()), 3);
  put(type, 1);
  put(flags, 1);
  put(id, 4);
  return out.append(content);
}

// A client: cuts what it sends, and reads what comes back.
class Client {
 public:
  Client(std::uint32_t seed, std::uint32_t table) : state_(seed) {
    invariant(nghttp2_hd_inflate_new(&inflater_) == 0, "a decoder can be made");
    nghttp2_hd_inflate_change_table_size(inflater_, table);
  }
  ~Client() { nghttp2_hd_inflate_del(inflater_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Few pieces: nghttp2 counts a CONTINUATION again for each read that ends in its frame's head, and takes eight.
  std::string head(std::uint32_t id, std::string_view block, bool is_cut) {
    constexpr std::uint8_t kHeaders = 1, kContinuation = 9, kEndStream = 1, kEndHeaders = 4;
    std::string out;
    for (int pieces = is_cut ? 4 : 1;; --pieces) {
      const std::size_t size = pieces == 1 ? block.size() : std::min<std::size_t>(below(24), block.size());
      const bool is_first = out.empty(), is_last = size == block.size();
      out += frame(is_first ? kHeaders : kContinuation,
                   static_cast<std::uint8_t>((is_first ? kEndStream : 0) | (is_last ? kEndHeaders : 0)), id,
                   block.substr(0, size));
      block.remove_prefix(size);
      if (is_last) return out;
    }
  }
  std::size_t below(std::uint32_t end) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 16) % end;
  }
  // The fields of the answers in `output`.
  void read(std::string_view output, std::vector<Fields>& answers) {
    bool is_open = false;
    while (!output.empty()) {
      invariant(output.size() >= 9, "what is sent are frames");
      const auto at = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<std::uint8_t>(output[i])); };
      const std::size_t length = at(0) << 16 | at(1) << 8 | at(2);
      invariant(output.size() >= 9 + length, "whole ones");
      if (at(3) == 1 || at(3) == 9) {
        if (!is_open) answers.emplace_back();
        is_open = (at(4) & 4) == 0;
        inflate(output.substr(9, length), !is_open, answers.back());
      } else {
        invariant(!is_open, "nothing comes between the frames of a head");
      }
      output.remove_prefix(9 + length);
    }
  }

 private:
  void inflate(std::string_view block, bool is_last, Fields& into) {
    const auto* at = reinterpret_cast<const std::uint8_t*>(block.data());
    for (std::size_t left = block.size();;) {
      nghttp2_nv found{};
      int flags = 0;
      const ssize_t taken = nghttp2_hd_inflate_hd2(inflater_, &found, &flags, at, left, is_last ? 1 : 0);
      invariant(taken >= 0, "an answer's head can be read with the table the peer asked for");
      at += taken;
      left -= static_cast<std::size_t>(taken);
      if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0) {
        into.emplace_back(std::string(reinterpret_cast<const char*>(found.name), found.namelen),
                          std::string(reinterpret_cast<const char*>(found.value), found.valuelen));
      }
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) nghttp2_hd_inflate_end_headers(inflater_);
      if ((flags & (NGHTTP2_HD_INFLATE_EMIT | NGHTTP2_HD_INFLATE_FINAL)) == 0 && left == 0) return;
      if ((flags & NGHTTP2_HD_INFLATE_FINAL) != 0) return;
    }
  }

  std::uint32_t state_;
  nghttp2_hd_inflater* inflater_ = nullptr;
};

// A head is refused with its reason, or lies whole in its own bytes.
void check_head(const Fields& fields) {
  Http2Head head{HeadLimits{}};
  for (const auto& [name, value] : fields) head.take(name, value);
  invariant(head.fields_seen() == fields.size(), "every field is seen");
  if (!head.finish()) return invariant(head.refusal().status >= 400, "a refusal has its status");
  const auto lies_within = [&](RequestHead::Piece piece) {
    invariant(std::size_t{piece.at} + piece.size <= head.size(), "a head's pieces lie in its bytes");
  };
  lies_within(head.head().path);
  lies_within(head.head().query);
  for (std::uint32_t i = 0; i < head.head().field_count; ++i) {
    lies_within(head.head().fields[i].name);
    lies_within(head.head().fields[i].value);
  }
}

// What came, again, as an answer.
Fields answer_of(const Stream& stream) {
  Fields answer{{":status", "200"}};
  for (const auto& [name, value] : stream.fields) {
    if (answer.size() < 32 && !name.starts_with(':')) answer.emplace_back(name, value);
  }
  return answer;
}

Outcome run(const std::vector<std::string_view>& blocks, std::uint8_t seed, std::uint32_t table, bool is_cut) {
  Http2Memory memory;
  Recorder events;
  Http2Session session(events, memory, {});
  Client client(seed, table);
  Outcome outcome;
  std::string settings(6, '\0');
  settings[1] = 1;  // SETTINGS_HEADER_TABLE_SIZE
  for (std::size_t i = 0; i < 4; ++i) settings[2 + i] = static_cast<char>(table >> (24 - 8 * i) & 0xFFU);
  const std::string begin = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, settings);
  outcome.is_broken = !session.feed(as_bytes(begin));
  std::uint32_t id = 1;
  for (const std::string_view block : blocks) {
    if (outcome.is_broken) break;
    const std::string sent = client.head(id, block, is_cut);
    id += 2;
    for (std::size_t at = 0; at < sent.size() && !outcome.is_broken;) {
      const std::size_t size = is_cut ? std::min(9 + client.below(30), sent.size() - at) : sent.size();
      outcome.is_broken = !session.feed(as_bytes(std::string_view(sent).substr(at, size)));
      at += size;
    }
    std::size_t answered = outcome.answers.size();
    if (Stream* last = events.streams.empty() ? nullptr : events.streams.back().get();
        !outcome.is_broken && last != nullptr && last->has_head && !last->is_closed) {
      const Fields wanted = answer_of(*last);
      std::vector<Http2Field> head;
      for (const auto& [name, value] : wanted) head.push_back({name, value, name.size() % 2 == 0});
      session.answer(last->id, handle_of(*last), head, false);
      std::string output;
      session.pull(output, 1 << 20);
      client.read(output, outcome.answers);
      invariant(outcome.answers.size() == answered + 1 && outcome.answers.back() == wanted,
                "an answer comes out as it was given");
      invariant(last->is_closed, "an answer without content ends its stream");
    }
    std::string output;
    session.pull(output, 1 << 20);
    answered = outcome.answers.size();
    client.read(output, outcome.answers);
    invariant(outcome.answers.size() == answered, "only what was asked is answered");
  }
  for (const auto& stream : events.streams) {
    if (stream->has_head) check_head(stream->fields);
    outcome.streams.push_back(*stream);
  }
  outcome.heads = events.heads;
  return outcome;
}

}  // namespace
}  // namespace slipway::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size < 3 || size > 16U << 10) return 0;
  constexpr std::array<std::uint32_t, 4> kTables = {4096, 0, 100, 65536};
  std::string_view rest(reinterpret_cast<const char*>(bytes) + 2, size - 2);
  std::vector<std::string_view> blocks;
  while (!rest.empty() && blocks.size() < 64) {
    const std::size_t length = static_cast<std::uint8_t>(rest.front());
    blocks.push_back(rest.substr(1, length));
    rest.remove_prefix(std::min(rest.size(), 1 + length));
  }
  const std::uint32_t table = kTables[bytes[1] % kTables.size()];
  const auto whole = slipway::net::run(blocks, bytes[0], table, false);
  slipway::invariant(slipway::net::run(blocks, bytes[0], table, true) == whole, "cuts change nothing");
  return 0;
}

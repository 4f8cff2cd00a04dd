#include "adapter/net/http2_session.h"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "adapter/net/http2_stream.h"
#include "adapter/net/http2_trailers.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr std::uint32_t kMostStreams = 128;
constexpr std::int32_t kConnectionWindow = 16 << 20;
constexpr std::size_t kMostQueuedAcks = 200;
constexpr std::size_t kFrameHead = 9, kFlagsAt = 4;
// One answer of so many has its fields put into the table whatever they are: the others name them by place for a while.
constexpr std::uint32_t kNamesEvery = 1024;
constexpr std::int64_t kKibibyte = 1 << 10;
constexpr std::uint64_t kUnlimited = 1ULL << 40;  // resets have a budget of our own (Http2Budget)

Http2Session& session_of(void* user) {
  return *static_cast<Http2Session*>(user);
}

void* take_memory(std::size_t size, void* memory) {
  return static_cast<Http2Memory*>(memory)->take(size);
}

void give_back_memory(void* block, void* memory) {
  static_cast<Http2Memory*>(memory)->give_back(block);
}

void* take_clear_memory(std::size_t count, std::size_t size, void* memory) {
  void* block = static_cast<Http2Memory*>(memory)->take(count * size);  // nghttp2's own counts: a few
  return block == nullptr ? nullptr : std::memset(block, 0, count * size);
}

void* resize_memory(void* block, std::size_t size, void* memory) {
  return static_cast<Http2Memory*>(memory)->resize(block, size);
}

nghttp2_nv pair_of(const Http2Field& field, std::uint8_t flags) {
  // nghttp2 does not write into what it is given; its structure has no const.
  return {reinterpret_cast<std::uint8_t*>(const_cast<char*>(field.name.data())),
          reinterpret_cast<std::uint8_t*>(const_cast<char*>(field.value.data())), field.name.size(), field.value.size(),
          static_cast<std::uint8_t>(flags | (field.changes ? NGHTTP2_NV_FLAG_NO_INDEX : 0) |
                                    (field.stays ? NGHTTP2_NV_FLAG_NO_COPY_NAME : 0))};
}

constexpr std::size_t kMostFields = 64;
using Pairs = std::array<nghttp2_nv, kMostFields>;

std::size_t fill(Pairs& pairs, std::span<const Http2Field> fields) {
  const std::size_t count = std::min(fields.size(), pairs.size());
  for (std::size_t i = 0; i < count; ++i) pairs[i] = pair_of(fields[i], NGHTTP2_NV_FLAG_NONE);
  return count;
}

}  // namespace

// The C functions nghttp2 calls.
struct Http2Session::Callbacks {
  static Http2Stream* stream_of(nghttp2_session* session, std::int32_t id) {
    return id == 0 ? nullptr : static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
  }

  static int begin_headers(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;
    session_of(user).opened_.note(frame->hd.stream_id);
    Http2Stream* stream = session_of(user).events_.begin_stream(frame->hd.stream_id);
    if (stream == nullptr) return NGHTTP2_ERR_CALLBACK_FAILURE;
    nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
    return 0;
  }

  static int begin_frame(nghttp2_session*, const nghttp2_frame_hd* head, void* user) {
    Http2Session& self = session_of(user);
    const bool is_content = head->type == NGHTTP2_DATA && (head->flags & NGHTTP2_FLAG_PADDED) == 0;
    self.frame_ = is_content
                      ? Frame{head->stream_id, head->length, head->length, (head->flags & NGHTTP2_FLAG_END_STREAM) != 0}
                      : Frame{};
    if (head->type == NGHTTP2_HEADERS) {
      self.block_sent_ = self.block_read_ = 0;
      if (self.opened_.was_passed_over(head->stream_id)) self.end(Http2Code::ProtocolError);
    }
    if (head->type == NGHTTP2_HEADERS || head->type == NGHTTP2_CONTINUATION) self.block_sent_ += head->length;
    self.unaccounted_ -= static_cast<std::int64_t>(kFrameHead + head->length);
    return self.is_broken_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int header(nghttp2_session* session, const nghttp2_frame* frame, const std::uint8_t* name,
                    std::size_t name_size, const std::uint8_t* value, std::size_t value_size, std::uint8_t /*flags*/,
                    void* user) {
    if (session_of(user).is_broken_) return NGHTTP2_ERR_CALLBACK_FAILURE;
    session_of(user).block_read_ += name_size + value_size;
    if (frame->hd.type != NGHTTP2_HEADERS || frame->headers.cat != NGHTTP2_HCAT_REQUEST) return 0;  // trailers
    if (Http2Stream* stream = stream_of(session, frame->hd.stream_id)) {
      session_of(user).events_.field(*stream, {reinterpret_cast<const char*>(name), name_size},
                                     {reinterpret_cast<const char*>(value), value_size});
    }
    return session_of(user).is_broken_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int invalid_header(nghttp2_session*, const nghttp2_frame*, const std::uint8_t*, std::size_t,
                            const std::uint8_t*, std::size_t, std::uint8_t, void*) {
    return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;  // else nghttp2 would pass the field over in silence
  }

  static int frame_received(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Http2Events& events = session_of(user).events_;
    const bool is_last = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
        events.head_read(session_of(user).block_sent_, session_of(user).block_read_);
        if (Http2Stream* stream = stream_of(session, frame->hd.stream_id)) {
          if (frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
            events.head_ended(*stream, is_last);
          } else if (is_last) {
            events.input_ended(*stream);
          }
        }
        break;
      case NGHTTP2_DATA:
        if (frame->hd.length == 0 && !is_last) events.cheap_frame();
        if (Http2Stream* stream = stream_of(session, frame->hd.stream_id); is_last && stream != nullptr) {
          events.input_ended(*stream);
        }
        break;
      case NGHTTP2_SETTINGS:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) {
          session_of(user).is_table_changed_ = true;
          events.settled();
        }
        events.cheap_frame();
        break;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0) events.ping_answered();
        events.cheap_frame();
        break;
      case NGHTTP2_RST_STREAM:
        events.cheap_frame();
        break;
      case NGHTTP2_WINDOW_UPDATE:
        events.cheap_frame();
        break;
      default:
        events.cheap_frame();
    }
    return session_of(user).is_broken_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int invalid_frame(nghttp2_session*, const nghttp2_frame*, int, void* user) {
    session_of(user).events_.cheap_frame();
    return session_of(user).is_broken_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  // Frames of a kind we do not know are counted, and passed over.
  static int unknown_frame(nghttp2_session*, void**, const nghttp2_frame_hd*, void* user) {
    session_of(user).events_.cheap_frame();
    return session_of(user).is_broken_ ? NGHTTP2_ERR_CALLBACK_FAILURE : NGHTTP2_ERR_CANCEL;
  }

  static int unknown_chunk(nghttp2_session*, const nghttp2_frame_hd*, const std::uint8_t*, std::size_t, void*) {
    return 0;
  }

  static int data_chunk(nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes,
                        std::size_t size, void* user) {
    Http2Session& self = session_of(user);
    self.frame_.left -= std::min(size, self.frame_.left);
    self.told_to_ = bytes + size;
    if (Http2Stream* stream = stream_of(session, id)) {
      self.events_.data(*stream, {reinterpret_cast<const std::byte*>(bytes), size});
    } else {
      nghttp2_session_consume(session, id, size);
    }
    return self.is_broken_ ? NGHTTP2_ERR_CALLBACK_FAILURE : 0;
  }

  static int stream_closed(nghttp2_session* session, std::int32_t id, std::uint32_t code, void* user) {
    if (Http2Stream* stream = stream_of(session, id)) {
      nghttp2_session_set_stream_user_data(session, id, nullptr);
      session_of(user).events_.stream_closed(*stream, code);
    }
    return 0;
  }

  static int frame_sent(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    if (frame->hd.type == NGHTTP2_HEADERS) session_of(user).is_table_changed_ = false;
    const bool has_end = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    if (!has_end || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0) return 0;
    if (Http2Stream* stream = stream_of(session, frame->hd.stream_id))
      session_of(user).events_.last_frame_sent(*stream);
    return 0;
  }

  static ssize_t read_content(nghttp2_session* session, std::int32_t id, std::uint8_t*, std::size_t length,
                              std::uint32_t* flags, nghttp2_data_source* source, void* user) {
    auto& stream = *static_cast<Http2Stream*>(source->ptr);
    Http2Session& self = session_of(user);
    const Http2Events::Ready ready = self.events_.ready(stream);
    self.is_before_trailers_ = false;
    if (ready.size == 0 && !ready.is_last) return NGHTTP2_ERR_DEFERRED;
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    const std::size_t count = std::min(length, ready.size);
    if (count != ready.size || !ready.is_last) return static_cast<ssize_t>(count);
    *flags |= NGHTTP2_DATA_FLAG_EOF;
    // As far as nghttp2 knows, the content ends the stream: trailers that it makes cost as much as the head. A table
    // whose size the peer has changed is its to tell of.
    self.is_before_trailers_ = count != 0 && !self.is_table_changed_ && can_write_trailers(ready.trailers);
    if (!ready.trailers.empty() && !self.is_before_trailers_) {
      *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
      Pairs pairs;
      const std::size_t fields = fill(pairs, ready.trailers);
      if (nghttp2_submit_trailer(session, id, pairs.data(), fields) != 0) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    }
    return static_cast<ssize_t>(count);
  }

  static int send_content(nghttp2_session*, nghttp2_frame* frame, const std::uint8_t* head, std::size_t length,
                          nghttp2_data_source* source, void* user) {
    Http2Session& self = session_of(user);
    auto& stream = *static_cast<Http2Stream*>(source->ptr);
    const bool has_trailers = std::exchange(self.is_before_trailers_, false);
    std::string& out = *self.out_;
    out.append(reinterpret_cast<const char*>(head), kFrameHead);
    if (has_trailers) out[out.size() - kFrameHead + kFlagsAt] &= static_cast<char>(~NGHTTP2_FLAG_END_STREAM);
    self.events_.append_content(stream, length, out);
    if (has_trailers) append_trailers(out, frame->hd.stream_id, self.events_.ready(stream).trailers);
    return self.out_->size() >= self.most_ ? NGHTTP2_ERR_PAUSE : 0;  // else all that windows allow would come at once
  }

  // The same for all sessions.
  static const nghttp2_session_callbacks* all() {
    static const auto made = [] {
      nghttp2_session_callbacks* callbacks = nullptr;
      invariant(nghttp2_session_callbacks_new(&callbacks) == 0, "no memory for the functions of HTTP/2");
      nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks, begin_frame);
      nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(callbacks, header);
      nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, invalid_header);
      nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frame_received);
      nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks, invalid_frame);
      nghttp2_session_callbacks_set_unpack_extension_callback(callbacks, unknown_frame);
      nghttp2_session_callbacks_set_on_extension_chunk_recv_callback(callbacks, unknown_chunk);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, data_chunk);
      nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, stream_closed);
      nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frame_sent);
      nghttp2_session_callbacks_set_send_data_callback(callbacks, send_content);
      return std::unique_ptr<nghttp2_session_callbacks, decltype(&nghttp2_session_callbacks_del)>(
          callbacks, &nghttp2_session_callbacks_del);
    }();
    return made.get();
  }

  static const nghttp2_option* options() {
    static const auto made = [] {
      nghttp2_option* option = nullptr;
      invariant(nghttp2_option_new(&option) == 0, "no memory for the settings of HTTP/2");
      nghttp2_option_set_no_auto_window_update(option, 1);
      for (int type = NGHTTP2_CONTINUATION + 1; type <= 0xFF; ++type) {
        nghttp2_option_set_user_recv_extension_type(option, static_cast<std::uint8_t>(type));
      }
      nghttp2_option_set_max_outbound_ack(option, kMostQueuedAcks);
      nghttp2_option_set_stream_reset_rate_limit(option, kUnlimited, kUnlimited);
      return std::unique_ptr<nghttp2_option, decltype(&nghttp2_option_del)>(option, &nghttp2_option_del);
    }();
    return made.get();
  }
};

Http2Session::Http2Session(Http2Events& events, Http2Memory& memory, const Limits& limits) : events_(events) {
  nghttp2_mem from{&memory, take_memory, give_back_memory, take_clear_memory, resize_memory};
  invariant(nghttp2_session_server_new3(&session_, Callbacks::all(), this, Callbacks::options(), &from) == 0,
            "no memory for a session of HTTP/2");
  const std::array<nghttp2_settings_entry, 3> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, kMostStreams},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, static_cast<std::uint32_t>(kFirstWindow)},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(limits.head.count)},
  }};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kConnectionWindow);
}

Http2Session::~Http2Session() {
  nghttp2_session_del(session_);
}

bool Http2Session::feed(ByteSpan bytes) {
  if (is_broken_) return false;
  const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
  told_to_ = nullptr;
  const bool is_between = is_at_end_ && frame_.left == 0;
  const ssize_t count = nghttp2_session_mem_recv(session_, first, bytes.size());
  is_at_end_ = told_to_ == first + bytes.size() ||
               (is_between && bytes.size() == kFrameHead && frame_.left == frame_.length && frame_.left != 0);
  unaccounted_ += static_cast<std::int64_t>(bytes.size());
  if (!is_broken_ && unaccounted_ >= kKibibyte) {
    events_.passed_over(static_cast<std::size_t>(unaccounted_ / kKibibyte));
    unaccounted_ %= kKibibyte;
  }
  if (is_broken_) return false;
  if (count >= 0) return true;
  is_broken_ = true;
  was_flooded_ = count == NGHTTP2_ERR_FLOODED;
  nghttp2_session_terminate_session(session_, was_flooded_ ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR);
  return false;
}

void Http2Session::pull(std::string& out, std::size_t most) {
  out_ = &out;
  most_ = most;
  while (out.size() < most) {
    const std::uint8_t* bytes = nullptr;
    const ssize_t count = nghttp2_session_mem_send(session_, &bytes);
    if (count < 0) is_dead_ = is_broken_ = true;
    if (count <= 0) break;
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
  }
  out_ = nullptr;
}

Http2Session::Coming Http2Session::coming() const {
  if (is_broken_ || !is_at_end_) return {};
  return {Callbacks::stream_of(session_, frame_.stream), frame_.left, frame_.length, frame_.is_last};
}

bool Http2Session::has_output() const {
  return !is_dead_ && nghttp2_session_want_write(session_) != 0;
}

bool Http2Session::is_over() const {
  return is_dead_ || (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0);
}

void Http2Session::answer(std::int32_t id, Http2Stream& stream, std::span<const Http2Field> head, bool has_content) {
  Pairs pairs;
  const std::size_t count = fill(pairs, head);
  if (answers_++ % kNamesEvery == 0) {
    for (nghttp2_nv& pair : std::span(pairs).first(count))
      pair.flags &= static_cast<std::uint8_t>(~NGHTTP2_NV_FLAG_NO_INDEX);
  }
  nghttp2_data_provider content{};
  content.source.ptr = &stream;
  content.read_callback = Callbacks::read_content;
  nghttp2_submit_response(session_, id, pairs.data(), count, has_content ? &content : nullptr);
}

void Http2Session::say_continue(std::int32_t id) {
  const nghttp2_nv status = pair_of({":status", "100"}, NGHTTP2_NV_FLAG_NONE);
  nghttp2_submit_headers(session_, NGHTTP2_FLAG_NONE, id, nullptr, &status, 1, nullptr);
}

void Http2Session::content_is_ready(std::int32_t id) {
  nghttp2_session_resume_data(session_, id);
}

void Http2Session::reset(std::int32_t id, Http2Code code) {
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, id, static_cast<std::uint32_t>(code));
}

void Http2Session::consumed_of_connection(std::size_t count) {
  nghttp2_session_consume_connection(session_, count);
}

void Http2Session::consumed_of_stream(std::int32_t id, std::size_t count) {
  nghttp2_session_consume_stream(session_, id, count);
}

std::size_t Http2Session::open_window() const {
  const std::int32_t all = nghttp2_session_get_remote_window_size(session_);
  const std::uint32_t one = nghttp2_session_get_remote_settings(session_, NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE);
  return std::min<std::size_t>(static_cast<std::size_t>(std::max(all, 0)), one);
}

void Http2Session::announce_shutdown() {
  nghttp2_submit_shutdown_notice(session_);
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
}

void Http2Session::shut_down() {
  nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, last_stream(), NGHTTP2_NO_ERROR, nullptr, 0);
}

void Http2Session::end(Http2Code code) {
  is_broken_ = true;
  nghttp2_session_terminate_session(session_, static_cast<std::uint32_t>(code));
}

std::int32_t Http2Session::last_stream() const {
  return nghttp2_session_get_last_proc_stream_id(session_);
}

}  // namespace slipway::net

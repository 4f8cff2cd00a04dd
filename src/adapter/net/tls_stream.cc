#include "adapter/net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "adapter/net/tls_hello.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr std::size_t kRecord = 17 << 10;  // a sealed record and a little
constexpr std::size_t kKeptOutput = 4 << 10;
constexpr std::size_t kMostNames = 64;

// OpenSSL tells why a call failed by what is in the thread's queue then. Clearing it costs more than looking.
void forget_errors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

std::optional<TlsHandshakes::Place> TlsHandshakes::begin(TlsStream& stream) {
  if (begun_.size() == kMost) {
    if (now_ - begun_.front().since < kSlow) return std::nullopt;
    begun_.front().stream->give_up();
  }
  return begun_.insert(begun_.end(), {&stream, now_});
}

// OpenSSL's end of the stream below. Its own memory BIOs would copy each record once more in each direction.
struct TlsStream::Passage {
  static TlsStream& of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    TlsStream& stream = of(bio);
    BIO_clear_retry_flags(bio);
    if (stream.came_.empty()) {
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t count = std::min(static_cast<std::size_t>(size), stream.came_.size());
    std::memcpy(into, stream.came_.data(), count);
    stream.came_ = stream.came_.subspan(count);
    return static_cast<int>(count);
  }

  static int write(BIO* bio, const char* bytes, int size) {
    of(bio).to_send_.append(bytes, static_cast<std::size_t>(size));
    return size;
  }

  static long control(BIO* bio, int what, long, void*) {
    switch (what) {
      case BIO_CTRL_FLUSH:
        return 1;
      case BIO_CTRL_PENDING:
        return static_cast<long>(of(bio).came_.size());
      case BIO_CTRL_WPENDING:
        return static_cast<long>(of(bio).unsent());
      default:
        return 0;
    }
  }

  // Lives as long as the program.
  static const BIO_METHOD* method() {
    static const BIO_METHOD* const made = [] {
      BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream below");
      invariant(method != nullptr, "OpenSSL makes no BIO_METHOD");
      BIO_meth_set_read(method, read);
      BIO_meth_set_write(method, write);
      BIO_meth_set_ctrl(method, control);
      return method;
    }();
    return made;
  }

  static BIO* make(TlsStream& stream) {
    BIO* bio = BIO_new(method());
    invariant(bio != nullptr, "OpenSSL makes no BIO");
    BIO_set_data(bio, &stream);
    BIO_set_init(bio, 1);
    return bio;
  }
};

TlsStream::TlsStream(ByteStream& below, std::shared_ptr<const TlsCredentials> credentials, TlsHandshakes* handshakes)
    : below_(below), credentials_(std::move(credentials)), handshakes_(handshakes) {}

bool TlsStream::begin_handshake() {
  if (handshakes_ != nullptr) {
    place_ = handshakes_->begin(*this);
    if (!place_) return false;
  }
  ssl_ = SSL_new(credentials_->native());
  invariant(ssl_ != nullptr, "OpenSSL makes no connection");
  BIO* const passage = Passage::make(*this);
  SSL_set_bio(ssl_, passage, passage);  // which owns it
  SSL_set_accept_state(ssl_);
  SSL_set_msg_callback(ssl_, count_record);
  SSL_set_msg_callback_arg(ssl_, &records_);
  return true;
}

void TlsStream::end_handshake() {
  if (place_) handshakes_->end(*place_);
  place_.reset();
}

void TlsStream::give_up() {
  end_handshake();
  SSL_free(std::exchange(ssl_, nullptr));
  came_ = {};
  keep_rest();
  std::string().swap(to_send_);
  sent_ = 0;
  has_failed_ = true;
}

TlsStream::~TlsStream() {
  end_handshake();
  SSL_free(ssl_);
}

// Into `room`, and behind what came before if that is not all read yet.
StreamResult::Outcome TlsStream::receive_sealed(MutableByteSpan room) {
  keep_rest();
  const StreamResult result = below_.read(room);
  is_drained_ = result.count < room.size();
  if (result.outcome != StreamResult::Outcome::Progress) return result.outcome;
  came_ = ByteSpan(room).first(result.count);
  if (is_kept_) {
    kept_.append(as_text(came_));
    came_ = as_bytes(kept_);
  }
  return result.outcome;
}

// What came and was not read yet outlives the room it came into.
void TlsStream::keep_rest() {
  if (came_.empty()) {
    if (std::exchange(is_kept_, false)) std::string().swap(kept_);
    return;
  }
  if (std::exchange(is_kept_, true)) {
    kept_.erase(0, kept_.size() - came_.size());
  } else {
    kept_ = as_text(came_);
  }
  came_ = as_bytes(kept_);
}

TlsStream::Sent TlsStream::send_sealed() {
  while (unsent() != 0) {
    const StreamResult result = below_.write(as_bytes(std::string_view(to_send_).substr(sent_)));
    if (result.outcome == StreamResult::Outcome::WouldBlock) {
      // It may never be empty: OpenSSL's own answers are appended to what still waits.
      if (sent_ > kKeptOutput && sent_ >= unsent()) to_send_.erase(0, std::exchange(sent_, 0));
      return Sent::Some;
    }
    if (result.outcome != StreamResult::Outcome::Progress) return Sent::Failed;
    sent_ += result.count;
  }
  sent_ = 0;
  to_send_.clear();
  if (to_send_.capacity() > kKeptOutput) std::string().swap(to_send_);
  return Sent::All;
}

// OpenSSL tells of each record and message; of records that came it shows the head.
void TlsStream::count_record(int is_written, int, int type, const void*, std::size_t, SSL* ssl, void* records) {
  if (is_written != 0 || type != SSL3_RT_HEADER || SSL_is_init_finished(ssl) != 1) return;
  ++static_cast<Records*>(records)->idle;
  ++static_cast<Records*>(records)->read;
}

// A peer may send what costs it nothing for ever; OpenSSL itself goes on with it, and answers some of it.
bool TlsStream::is_abused() const {
  return records_.idle > kMostIdleRecords || (SSL_is_init_finished(ssl_) == 1 && unsent() > kMostSealed);
}

StreamResult TlsStream::read(MutableByteSpan into) {
  if (has_failed_) return {StreamResult::Outcome::Failed};
  std::array<std::byte, kRecord> room;
  const StreamResult result = read_into(into, room);
  keep_rest();
  return result;
}

StreamResult TlsStream::read_into(MutableByteSpan into, MutableByteSpan room) {
  std::size_t filled = 0;
  const auto so_far = [&](StreamResult::Outcome otherwise, bool is_cut = false) {
    if (sealed_ == 0 && send_sealed() == Sent::Failed) has_failed_ = true;
    if (filled != 0) return StreamResult{StreamResult::Outcome::Progress, filled, is_cut || has_failed_};
    return StreamResult{has_failed_ ? StreamResult::Outcome::Failed : otherwise, 0, is_cut};
  };
  records_.read = 0;
  is_drained_ = false;
  for (int rounds = 0; filled < into.size();) {
    if (may_have_plain()) {
      if (ssl_ == nullptr && !begin_handshake()) {
        has_failed_ = true;
        return {StreamResult::Outcome::Failed};
      }
      forget_errors();
      std::size_t got = 0;
      const bool has_bytes = SSL_read_ex(ssl_, into.data() + filled, into.size() - filled, &got) == 1;
      if (place_ && !is_handshaking()) end_handshake();
      if (is_abused()) {
        has_failed_ = true;
        return so_far(StreamResult::Outcome::Failed);
      }
      if (has_bytes) {
        filled += got;
        records_.idle = 0;
        if (records_.read > kRecordsPerRead) return so_far(StreamResult::Outcome::WouldBlock, true);
        continue;
      }
      const int reason = SSL_get_error(ssl_, 0);
      if (reason == SSL_ERROR_ZERO_RETURN) return so_far(StreamResult::Outcome::Ended, filled != 0);
      if (reason != SSL_ERROR_WANT_READ) {
        has_failed_ = true;  // an alert says why, if there is room for it
        ERR_clear_error();
        return so_far(StreamResult::Outcome::Failed);
      }
    }
    if (sealed_ == 0 && send_sealed() == Sent::Failed) return so_far(StreamResult::Outcome::Failed);
    if (filled != 0 && is_drained_)
      return so_far(StreamResult::Outcome::WouldBlock);  // as the reader is told by `filled`
    if (rounds++ == kRoundsPerRead) return so_far(StreamResult::Outcome::WouldBlock, true);
    const StreamResult::Outcome outcome = receive_sealed(room);
    if (outcome != StreamResult::Outcome::Progress) return so_far(outcome);
  }
  return so_far(StreamResult::Outcome::WouldBlock);
}

// False: OpenSSL would only say that it wants to read.
bool TlsStream::may_have_plain() const {
  if (ssl_ == nullptr) return has_whole_hello(came_);
  return !came_.empty() || SSL_has_pending(ssl_) == 1 || SSL_is_init_finished(ssl_) == 0 ||
         (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
}

StreamResult TlsStream::write(ByteSpan bytes) {
  if (has_failed_) return {StreamResult::Outcome::Failed};
  if (ssl_ == nullptr) return {StreamResult::Outcome::WouldBlock};
  if (sealed_ == 0 && !bytes.empty()) {
    forget_errors();
    if (SSL_write_ex(ssl_, bytes.data(), std::min(bytes.size(), kPiece), &sealed_) != 1) {
      has_failed_ = true;
      ERR_clear_error();
      return {StreamResult::Outcome::Failed};
    }
  }
  switch (send_sealed()) {
    case Sent::All:
      return {StreamResult::Outcome::Progress, std::exchange(sealed_, 0)};
    case Sent::Some:
      return {StreamResult::Outcome::WouldBlock};
    case Sent::Failed:
      has_failed_ = true;
      return {StreamResult::Outcome::Failed};
  }
  return {StreamResult::Outcome::Failed};
}

void TlsStream::end_writing() {
  const bool is_open =
      ssl_ != nullptr && SSL_is_init_finished(ssl_) == 1 && (SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN) == 0;
  if (!has_failed_ && is_open && sealed_ == 0) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    static_cast<void>(send_sealed());
  }
  below_.end_writing();
}

bool TlsStream::is_handshaking() const {
  return ssl_ == nullptr || SSL_is_init_finished(ssl_) != 1;
}

std::string_view TlsStream::protocol() const {
  if (ssl_ == nullptr) return {};
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool TlsStream::was_resumed() const {
  return ssl_ != nullptr && SSL_session_reused(ssl_) == 1;
}

std::optional<std::vector<std::string>> TlsStream::certificate_names() const {
  if (ssl_ == nullptr) return std::nullopt;
  X509* const certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr || SSL_get_verify_result(ssl_) != X509_V_OK) return std::nullopt;
  return names_of_certificate(certificate);
}

std::vector<std::string> names_of_certificate(X509* certificate) {
  std::vector<std::string> names;
  auto* all = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; i < sk_GENERAL_NAME_num(all) && names.size() < kMostNames; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all, i);
    if (name->type != GEN_URI && name->type != GEN_DNS) continue;
    const ASN1_IA5STRING* text = name->type == GEN_URI ? name->d.uniformResourceIdentifier : name->d.dNSName;
    names.push_back((name->type == GEN_URI ? "uri:" : "dns:") +
                    std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                static_cast<std::size_t>(ASN1_STRING_length(text))));
  }
  GENERAL_NAMES_free(all);
  return names;
}

}  // namespace slipway::net

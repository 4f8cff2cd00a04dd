#include "adapter/net/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <utility>

#include "adapter/net/tls_hello.h"
#include "base/invariant.h"

namespace slipway::net {
namespace {

constexpr std::size_t kRecord = 17 << 10;  // a sealed record and a little
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

TlsStream::TlsStream(ByteStream& below, std::shared_ptr<const TlsCredentials> credentials, TlsHandshakes* handshakes)
    : below_(below),
      credentials_(std::move(credentials)),
      handshakes_(handshakes),
      in_(BIO_new(BIO_s_mem())),
      out_(BIO_new(BIO_s_mem())) {
  invariant(in_ != nullptr && out_ != nullptr, "OpenSSL keeps bytes");
  BIO_set_mem_eof_return(in_, -1);
}

bool TlsStream::begin_handshake() {
  if (handshakes_ != nullptr) {
    place_ = handshakes_->begin(*this);
    if (!place_) return false;
  }
  ssl_ = SSL_new(credentials_->native());
  invariant(ssl_ != nullptr, "OpenSSL makes no connection");
  SSL_set_bio(ssl_, in_, out_);
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
  in_ = out_ = nullptr;
  has_failed_ = true;
}

TlsStream::~TlsStream() {
  end_handshake();
  if (ssl_ == nullptr) {
    BIO_free(in_);
    BIO_free(out_);
  }
  SSL_free(ssl_);
}

StreamResult::Outcome TlsStream::receive_sealed() {
  std::array<std::byte, kRecord> bytes;
  const StreamResult result = below_.read(bytes);
  is_drained_ = result.count < bytes.size();
  if (result.outcome == StreamResult::Outcome::Progress) {
    const int kept = BIO_write(in_, bytes.data(), static_cast<int>(result.count));
    invariant(kept == static_cast<int>(result.count), "memory takes what is written");
  }
  return result.outcome;
}

TlsStream::Sent TlsStream::send_sealed() {
  char* bytes = nullptr;
  while (const long size = BIO_get_mem_data(out_, &bytes)) {
    const StreamResult result = below_.write(as_bytes(std::string_view(bytes, static_cast<std::size_t>(size))));
    if (result.outcome == StreamResult::Outcome::WouldBlock) return Sent::Some;
    if (result.outcome != StreamResult::Outcome::Progress) return Sent::Failed;
    std::array<char, 16 << 10> passed;
    for (std::size_t left = result.count; left != 0;) {  // takes them off the front
      const int taken = BIO_read(out_, passed.data(), static_cast<int>(std::min(left, passed.size())));
      left -= static_cast<std::size_t>(taken);
    }
  }
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
  return records_.idle > kMostIdleRecords || (SSL_is_init_finished(ssl_) == 1 && BIO_ctrl_pending(out_) > kMostSealed);
}

StreamResult TlsStream::read(MutableByteSpan into) {
  if (has_failed_) return {StreamResult::Outcome::Failed};
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
    const StreamResult::Outcome outcome = receive_sealed();
    if (outcome != StreamResult::Outcome::Progress) return so_far(outcome);
  }
  return so_far(StreamResult::Outcome::WouldBlock);
}

// False: OpenSSL would only say that it wants to read.
bool TlsStream::may_have_plain() const {
  if (ssl_ == nullptr) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(in_, &bytes);
    return has_whole_hello(as_bytes(std::string_view(bytes, static_cast<std::size_t>(size))));
  }
  return BIO_ctrl_pending(in_) != 0 || SSL_has_pending(ssl_) == 1 || SSL_is_init_finished(ssl_) == 0 ||
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

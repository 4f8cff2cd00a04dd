// TlsStream: TLS over another ByteStream, as the server's side of one connection.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/net/byte_stream.h"
#include "adapter/net/tls_credentials.h"
#include "adapter/net/tls_handshakes.h"

struct ssl_st;
struct x509_st;

namespace slipway::net {

// One loop's thread. Begins with the handshake, which read() drives; a handshake that fails is a failed read. So is one
// record too many in a row that brings no byte (new keys, refused renegotiations), and a peer that lets more of what
// must be answered come than it takes answers. OpenSSL's state, some 50 KiB, is made when the ClientHello is whole: a
// peer that sends nothing or a part of it holds no more than that part.
class TlsStream final : public ByteStream {
 public:
  // Requires: `below` and `handshakes`, if there are some, live as long.
  TlsStream(ByteStream& below, std::shared_ptr<const TlsCredentials> credentials, TlsHandshakes* handshakes = nullptr);
  ~TlsStream() override;

  // Fills `into` as far as bytes have come, like a socket: fewer than asked means that there are no more at present,
  // unless the result is cut: then others are to have their turn first.
  StreamResult read(MutableByteSpan into) override;
  // After WouldBlock it must be called with the same bytes (or more behind them): they are sealed already.
  StreamResult write(ByteSpan bytes) override;
  void end_writing() override;  // close_notify
  bool is_handshaking() const override;
  std::string_view protocol() const override;
  std::optional<std::vector<std::string>> certificate_names() const override;

  bool was_resumed() const;
  // Requires: the handshake has begun and is not done. From then on it has failed, and holds nothing any more.
  void give_up();

 private:
  static constexpr std::size_t kPiece = 64 << 10;
  static constexpr std::size_t kMostSealed = 2 * kPiece;  // not yet taken by the stream below, after the handshake
  static constexpr int kMostIdleRecords = 16;             // in a row, after the handshake
  // A read is cut after these.
  static constexpr int kRecordsPerRead = 256, kRoundsPerRead = 8;

  // What OpenSSL reads from and writes to: the sealed bytes here.
  struct Passage;
  friend struct Passage;

  enum class Sent : std::uint8_t { All, Some, Failed };
  Sent send_sealed();
  StreamResult read_into(MutableByteSpan into, MutableByteSpan room);
  StreamResult::Outcome receive_sealed(MutableByteSpan room);
  void keep_rest();
  std::size_t unsent() const { return to_send_.size() - sent_; }
  bool is_abused() const;
  bool may_have_plain() const;
  bool begin_handshake();  // false: too many are going on
  void end_handshake();

  ByteStream& below_;
  // A handshake reads them to its end, also when others have been taken over since it began.
  const std::shared_ptr<const TlsCredentials> credentials_;
  TlsHandshakes* const handshakes_;
  std::optional<TlsHandshakes::Place> place_;  // while it is one of them
  ssl_st* ssl_ = nullptr;                      // from begin_handshake() on
  ByteSpan came_;                              // sealed bytes that came: in kept_, or only within a read() in its room
  std::string kept_;                           // of which those are the end
  bool is_kept_ = false;                       // came_ is in it
  std::string to_send_;                        // sealed bytes
  std::size_t sent_ = 0;                       // of them
  std::size_t sealed_ = 0;                     // plain bytes sealed and not yet reported as written
  // Records that came after the handshake: since a call of OpenSSL gave bytes, and within this read().
  struct Records {
    int idle = 0, read = 0;
  };
  static void count_record(int is_written, int version, int type, const void*, std::size_t, ssl_st* ssl, void* records);
  Records records_;
  bool is_drained_ = false;  // the stream below gave less than it was asked for: an event tells of more
  bool has_failed_ = false;
};

// The names of a certificate that count: "uri:..." and "dns:...", exactly as they stand in it.
std::vector<std::string> names_of_certificate(x509_st* certificate);

}  // namespace slipway::net

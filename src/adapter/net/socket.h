// Sockets: addresses, listening, and the ByteStream over a socket.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "adapter/net/byte_stream.h"
#include "base/descriptor.h"
#include "base/result.h"

struct sockaddr;

namespace slipway::net {

// Who takes the path of an adopted UNIX socket away: this process at its end, or who bound it.
enum class WhoUnlinks : std::uint8_t { We, ItsOwner };

// A bound, listening socket. A UNIX socket's path is unlinked when it goes.
class ListeningSocket {
 public:
  // `address` as in Listen. InvalidInput: not an address; Unavailable: names the address and the reason.
  static Result<ListeningSocket> open(const std::string& address);
  // One that another process bound for this one. InvalidInput as listening_address().
  static Result<ListeningSocket> adopt(Descriptor socket, WhoUnlinks unlinks);
  ~ListeningSocket();
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;

  int fd() const { return socket_.fd(); }
  const std::string& address() const { return address_; }  // as bound
  void close();
  void leave_path() { unlinks_.clear(); }  // another process has the socket too

 private:
  ListeningSocket(Descriptor socket, std::string address, std::string unlinks)
      : socket_(std::move(socket)), address_(std::move(address)), unlinks_(std::move(unlinks)) {}
  static Result<ListeningSocket> open_unix(const std::string& path);
  Descriptor socket_;
  std::string address_;
  std::string unlinks_;
};

// Of a listening stream socket, as listen() takes it. InvalidInput: it is none of TCP or of a UNIX path.
Result<std::string> listening_address(int socket);

// "127.0.0.1:8080", "[::1]:8080", "unix".
std::string name_of(const sockaddr& address);
bool is_loopback(const sockaddr& address);

// Does not own the descriptor.
class SocketStream : public ByteStream {
 public:
  void attach(int fd) { fd_ = fd; }
  StreamResult read(MutableByteSpan into) override;
  StreamResult read_parts(std::span<const MutableByteSpan> parts) override;
  StreamResult write(ByteSpan bytes) override;
  void end_writing() override;

 private:
  int fd_ = -1;
};

}  // namespace slipway::net

// Sockets: addresses, listening, and the ByteStream over a socket.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "adapter/net/byte_stream.h"
#include "base/descriptor.h"
#include "base/result.h"

struct sockaddr;

namespace slipway::net {

// A bound, listening socket. A UNIX socket's path is unlinked when it goes.
class ListeningSocket {
 public:
  // `address` as in Listen. InvalidInput: not an address; Unavailable: names the address and the reason.
  static Result<ListeningSocket> open(const std::string& address);
  ~ListeningSocket();
  ListeningSocket(ListeningSocket&& other) noexcept;
  ListeningSocket& operator=(ListeningSocket&&) = delete;

  int fd() const { return socket_.fd(); }
  const std::string& address() const { return address_; }  // as bound
  void close();

 private:
  ListeningSocket(Descriptor socket, std::string address, std::string unlinks)
      : socket_(std::move(socket)), address_(std::move(address)), unlinks_(std::move(unlinks)) {}
  static Result<ListeningSocket> open_unix(const std::string& path);
  Descriptor socket_;
  std::string address_;
  std::string unlinks_;
};

// "127.0.0.1:8080", "[::1]:8080", "unix".
std::string name_of(const sockaddr& address);
bool is_loopback(const sockaddr& address);

// Does not own the descriptor.
class SocketStream : public ByteStream {
 public:
  void attach(int fd) { fd_ = fd; }
  StreamResult read(MutableByteSpan into) override;
  StreamResult write(ByteSpan bytes) override;
  void end_writing() override;

 private:
  int fd_ = -1;
};

}  // namespace slipway::net

#include "adapter/supervision/service_notice.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "base/descriptor.h"
#include "base/text.h"

namespace slipway::supervision {

ServiceNotice ServiceNotice::from_environment() {
  const char* address = std::getenv("NOTIFY_SOCKET");
  return ServiceNotice(address == nullptr ? "" : address);
}

void ServiceNotice::handing_over(TimePoint now) const {
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  say("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds) + "\nSTATUS=handing over to a new process");
}

void ServiceNotice::handed_over(pid_t to) const {
  say("MAINPID=" + std::to_string(to) + "\nREADY=1\nSTATUS=");
}

void ServiceNotice::handover_failed(std::string_view reason) const {
  say("READY=1\nSTATUS=not handed over: " + printable(reason));
}

void ServiceNotice::say(std::string_view text) const {
  sockaddr_un where{};
  where.sun_family = AF_UNIX;
  if (address_.empty() || address_.size() >= sizeof where.sun_path) return;
  std::memcpy(where.sun_path, address_.data(), address_.size());
  if (address_.front() == '@') where.sun_path[0] = 0;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  const Descriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  static_cast<void>(::sendto(socket.fd(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
                             reinterpret_cast<const sockaddr*>(&where), size));
}

}  // namespace slipway::supervision

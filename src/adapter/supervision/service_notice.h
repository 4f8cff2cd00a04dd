// ServiceNotice: tells the service manager how the service is doing (systemd's sd_notify).
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/clock.h"

namespace slipway::supervision {

// A value; says nothing where nobody listens. One thread. A notice that cannot be sent is lost: the service goes on.
class ServiceNotice {
 public:
  // `address`: what NOTIFY_SOCKET says, a path or "@" and an abstract name; empty: nobody listens.
  explicit ServiceNotice(std::string address) : address_(std::move(address)) {}
  static ServiceNotice from_environment();

  void ready() const { say("READY=1"); }
  void stopping() const { say("STOPPING=1"); }
  void handing_over(TimePoint now) const;
  void handed_over(pid_t to) const;                     // the service's main process is another one now
  void handover_failed(std::string_view reason) const;  // this one goes on

 private:
  void say(std::string_view text) const;
  std::string address_;
};

}  // namespace slipway::supervision

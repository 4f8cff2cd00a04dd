// Http1HeadStart: the first lines of an answer's head, which many answers of one second share.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"

namespace slipway::net {

class DateText;

// Of one loop. Remembers the last: most answers of a loop have one status and one type of content.
class Http1HeadStart {
 public:
  // The status line, Date, Content-Type if there is one, and the name of the field for the request's id. Good until the
  // next call.
  std::string_view at(int status, std::string_view content_type, DateText& date, TimePoint now, const Clock& clock);

 private:
  TimePoint until_{};
  int status_ = 0;
  std::string content_type_, text_;
};

}  // namespace slipway::net

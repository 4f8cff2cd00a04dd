#include "adapter/config_yaml/server_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/descriptor.h"
#include "base/text.h"

namespace slipway::config_yaml {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;

}  // namespace

Result<std::string> read_server_text(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) {
    const std::string why = "cannot open the configuration file \"" + printable(path) + "\": " + std::strerror(errno);
    return errno == ENOENT ? not_found(why) : unavailable(why);
  }
  std::string text(kLargestFile + 1, '\0');
  std::size_t filled = 0;
  ssize_t got = 1;
  while (got > 0 && filled < text.size()) {
    got = ::read(file.fd(), text.data() + filled, text.size() - filled);
    if (got > 0) filled += static_cast<std::size_t>(got);
    if (got < 0 && errno == EINTR) got = 1;
  }
  if (got < 0)
    return unavailable("cannot read the configuration file \"" + printable(path) + "\": " + std::strerror(errno));
  text.resize(filled);
  return text;
}

Result<yaml::Document> parse_server_yaml(std::string_view text, std::string_view name) {
  return yaml::parse(text, name, {.size = {kLargestFile}, .nodes = 10'000, .depth = 8});
}

}  // namespace slipway::config_yaml

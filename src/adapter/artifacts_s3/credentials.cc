#include "adapter/artifacts_s3/credentials.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/descriptor.h"
#include "base/text.h"

namespace slipway::artifacts_s3 {
namespace {

constexpr std::size_t kLargestFile = 64 << 10;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

Result<std::string> text_of(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return invalid_input("s3_credentials: cannot open " + printable(path) + ": " + std::strerror(errno));
  struct stat status{};
  if (::fstat(file.fd(), &status) != 0 || !S_ISREG(status.st_mode)) {
    return invalid_input("s3_credentials: expected a regular file at " + printable(path));
  }
  std::string text;
  std::array<char, 4096> piece{};
  while (text.size() <= kLargestFile) {
    const ssize_t got = ::read(file.fd(), piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return invalid_input("s3_credentials: cannot read " + printable(path) + ": " + std::strerror(errno));
    if (got == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(got));
  }
  return invalid_input("s3_credentials: expected at most 64KiB in " + printable(path) + ", found more");
}

void take_line(std::string_view line, Credentials& into) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return;
  const std::string_view name = trimmed(line.substr(0, equals));
  const std::string value(trimmed(line.substr(equals + 1)));
  if (name == "aws_access_key_id") into.key_id = value;
  if (name == "aws_secret_access_key") into.secret = value;
  if (name == "aws_session_token") into.session_token = value;
}

Credentials parse_file(std::string_view text) {
  Credentials found;
  bool is_ours = true;  // lines before the first section count too
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[')
      is_ours = line == "[default]";
    else if (is_ours)
      take_line(line, found);
  }
  return found;
}

// Both go into headers and into a signature: nothing that could end a line.
bool is_clean(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

Result<Credentials> read_credentials(const std::string& file, const std::function<const char*(const char*)>& variable) {
  Credentials found;
  if (file.empty()) {
    const auto take = [&](const char* name) {
      const char* value = variable(name);
      return std::string(value ? value : "");
    };
    found = {take("AWS_ACCESS_KEY_ID"), take("AWS_SECRET_ACCESS_KEY"), take("AWS_SESSION_TOKEN"), "the environment"};
    if (found.key_id.empty() || found.secret.empty()) {
      return invalid_input(
          "artifacts on S3: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or a file with "
          "both named by s3_credentials, found " +
          std::string(found.key_id.empty() && found.secret.empty() ? "neither" : "one of the two variables"));
    }
  } else {
    const std::string text = TRY(text_of(file));
    found = parse_file(text);
    found.source = file;
    if (found.key_id.empty() || found.secret.empty()) {
      return invalid_input(
          "s3_credentials: expected aws_access_key_id and aws_secret_access_key in the section [default] of " +
          printable(file) + ", found " +
          (found.key_id.empty() ? found.secret.empty() ? "neither" : "no aws_access_key_id"
                                : "no aws_secret_access_key"));
    }
  }
  if (!is_clean(found.key_id) || !is_clean(found.secret) || !is_clean(found.session_token)) {
    return invalid_input("artifacts on S3: expected credentials of printable ASCII without spaces from " +
                         found.source);
  }
  return found;
}

}  // namespace slipway::artifacts_s3

#include "app/commands/signing_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "base/descriptor.h"
#include "base/text.h"
#include "domain/governance/signature.h"

namespace slipway::app {
namespace {

Error failed(const char* what, const std::string& path) {
  return unavailable(std::string(what) + " " + printable(path) + ": " + std::strerror(errno));
}

// Half a key is none.
Error taken_back(const char* what, const std::string& path) {
  Error error = failed(what, path);
  ::unlink(path.c_str());
  return error;
}

}  // namespace

Result<std::string> read_small_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return not_found("cannot open " + printable(path));
  std::string text(governance::kLongestBundle.count + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return unavailable("cannot read " + printable(path));
  if (text.size() <= governance::kLongestBundle.count) return text;
  return invalid_input(printable(path) + ": expected at most " + std::to_string(governance::kLongestBundle.count) +
                       " bytes, found more");
}

Result<void> write_new_file(const std::string& path, std::string_view text, unsigned mode) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (file.fd() < 0 && errno == EEXIST) return conflict(printable(path) + " is there already; it is not overwritten");
  if (file.fd() < 0) return failed("cannot create", path);
  while (!text.empty()) {
    const ssize_t count = ::write(file.fd(), text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return taken_back("cannot write", path);
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return ::fsync(file.fd()) == 0 ? Result<void>() : taken_back("cannot write", path);
}

std::string signature_beside(const std::string& package) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(package, ignored)) return package + ".sig";
  return (std::filesystem::path(package) / std::string(governance::kSignatureFile)).string();
}

}  // namespace slipway::app

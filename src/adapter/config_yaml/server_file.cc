#include "adapter/config_yaml/server_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "adapter/yaml/field.h"
#include "base/descriptor.h"
#include "base/text.h"

namespace slipway::config_yaml {
namespace {

constexpr std::size_t kLargestFile = 1 << 20;
constexpr std::size_t kLongestList = 256;

// One value as a flag or an environment variable would spell it.
Result<std::string> spelled(const yaml::Field& field) {
  if (!field.is(yaml::Kind::Sequence)) {
    if (!field.is(yaml::Kind::Scalar)) return field.expected("a value or a list of values");
    return field.text();
  }
  std::string joined;
  for (const yaml::Field& item : TRY(field.items(kLongestList))) {
    const std::string part = TRY(item.text());
    if (part.empty() || part.find(',') != std::string::npos) return item.expected("a text without commas");
    joined += (joined.empty() ? "" : ",") + part;
  }
  return joined;
}

Result<std::string> read_text(const std::string& path) {
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

}  // namespace

Result<std::vector<ServerSetting>> parse_server_file(std::string_view text, std::string_view name,
                                                     std::span<const std::string_view> known) {
  const yaml::Document document = TRY(yaml::parse(text, name, {.size = {kLargestFile}, .nodes = 10'000, .depth = 8}));
  std::vector<ServerSetting> settings;
  if (document.root.kind == yaml::Kind::Null) return settings;
  const yaml::Field root(document, document.root, "");
  TRY(root.check_keys(known));
  for (const auto& [key, field] : TRY(root.entries(known.size()))) {
    const std::string source = document.name + ":" + std::to_string(field.node().mark.line);
    std::string value = TRY(spelled(field));
    settings.push_back({key, std::move(value), source});
  }
  return settings;
}

Result<std::vector<ServerSetting>> read_server_file(const std::string& path, std::span<const std::string_view> known) {
  const std::string text = TRY(read_text(path));
  return parse_server_file(text, path, known);
}

}  // namespace slipway::config_yaml

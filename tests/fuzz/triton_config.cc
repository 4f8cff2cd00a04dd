// config.pbtxt (or a load's JSON) from anyone: it is refused for a reason of its author's, or makes a manifest that is
// YAML and says what the configuration said.
#include "adapter/package_reader/declared_manifest.h"
#include "adapter/triton_repository/package_manifest.h"
#include "base/invariant.h"

using namespace slipway;

namespace {

bool is_the_authors(ErrorCode code) {
  return code == ErrorCode::InvalidInput || code == ErrorCode::Unimplemented;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const bool is_json = text.starts_with('{');
  const auto config =
      is_json ? triton_repository::read_config_json(text, "m") : triton_repository::read_config_text(text, "m");
  if (!config.ok()) {
    invariant(is_the_authors(config.error().code), "what is wrong with a configuration is its author's");
    invariant(!config.error().message.empty() && config.error().message.size() < 2000, "and is told in a few words");
    return 0;
  }
  const std::map<std::string, std::vector<std::string>> labels;
  const std::string manifest = write_manifest(*config, {"m", 1, config->model_file, labels});
  const auto read = package_reader::parse_manifest(manifest);
  if (!read.ok()) {  // names the manifest does not take, or too many of them; never its form
    invariant(is_the_authors(read.error().code), "a manifest is refused for what its author wrote");
    return 0;
  }
  invariant(read->manifest.name == "m" && read->inputs.size() == config->inputs.size(),
            "a manifest says what was said");
  return 0;
}

// slipway.yaml from anyone: it is refused, or it reads back from what is written of it.
#include "adapter/package_reader/declared_manifest.h"
#include "adapter/package_reader/manifest_writer.h"
#include "base/invariant.h"

using namespace slipway;

namespace {

Result<model::Manifest> read(std::string_view text) {
  auto declared = package_reader::parse_manifest(text);
  if (!declared.ok()) return std::move(declared).error();
  return package_reader::complete(std::move(*declared), nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto manifest = read({reinterpret_cast<const char*>(bytes), size});
  if (!manifest.ok()) {
    invariant(manifest.error().code == ErrorCode::InvalidInput, "what is wrong with a manifest is its author's");
    return 0;
  }
  const std::string written = package_reader::write_manifest(*manifest);
  const auto again = read(written);
  // What is written is longer where numbers and names were short: then it may pass the limits of a document.
  if (!again.ok() && size > 100'000) return 0;
  invariant(again.ok(), "a manifest that is written reads back");
  invariant(package_reader::write_manifest(*again) == written, "and is the same");
  return 0;
}

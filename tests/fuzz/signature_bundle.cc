// A signature's file from anyone: it is refused, or read; and nothing that was not signed is ever verified.
#include "adapter/signature_bundle/signature_bundle.h"
#include "base/invariant.h"

using namespace slipway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const governance::TrustedKey kTrusted{"release", VerifyingKey::parse(std::string(62, '5') + "66").value()};
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto bundle = signature_bundle::read_bundle(text);
  if (!bundle.ok()) {
    invariant(bundle.error().code == ErrorCode::InvalidInput, "what is wrong with a signature is its author's");
    return 0;
  }
  invariant(!bundle->signatures.empty(), "a bundle that is read has a signature");
  const auto found = governance::check_signature(*bundle, {}, std::span(&kTrusted, 1));
  invariant(found.state != governance::SignatureState::Verified, "nobody has signed with this key");
  return 0;
}

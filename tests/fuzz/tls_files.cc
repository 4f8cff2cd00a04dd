// Certificate, key and authorities as anyone may write them, and a client's first bytes: refused with a reason, or
// used.
#include "adapter/net/tls_credentials.h"
#include "adapter/net/tls_stream.h"
#include "base/invariant.h"

using namespace slipway;
using namespace slipway::net;

namespace {

constexpr std::string_view kBetween = "\n%%\n";

std::string_view next_part(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(kBetween), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + kBetween.size(), rest.size()));
  return part;
}

class Client final : public ByteStream {
 public:
  explicit Client(std::string_view bytes) : bytes_(bytes) {}
  StreamResult read(MutableByteSpan into) override {
    if (bytes_.empty()) return {StreamResult::Outcome::Ended};
    const std::size_t count = std::min(into.size(), bytes_.size());
    std::memcpy(into.data(), bytes_.data(), count);
    bytes_.remove_prefix(count);
    return {StreamResult::Outcome::Progress, count};
  }
  StreamResult write(ByteSpan bytes) override { return {StreamResult::Outcome::Progress, bytes.size()}; }
  void end_writing() override {}

 private:
  std::string_view bytes_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static TicketKeys tickets{TimePoint{}};
  std::string_view rest(reinterpret_cast<const char*>(bytes), size);
  TlsFiles texts;
  texts.certificate = next_part(rest);
  texts.key = next_part(rest);
  texts.client_ca = next_part(rest);
  const TlsFiles names = {"certificate", "key", texts.client_ca.empty() ? "" : "ca"};
  const auto made = TlsCredentials::from_pem(texts, names, {"h2", "http/1.1"}, tickets);
  if (!made.ok()) {
    invariant(made.error().code == ErrorCode::InvalidInput && !made.error().message.empty(),
              "a refusal has its reason");
    return 0;
  }
  Client client(rest);
  TlsStream stream(client, *made);
  std::array<std::byte, 1000> plain;
  for (int i = 0; i < 100; ++i) {
    const auto outcome = stream.read(plain).outcome;
    if (outcome != StreamResult::Outcome::Progress) break;
  }
  stream.end_writing();
  return 0;
}

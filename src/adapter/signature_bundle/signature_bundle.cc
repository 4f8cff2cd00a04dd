#include "adapter/signature_bundle/signature_bundle.h"

#include <nlohmann/json.hpp>
#include <set>

#include "adapter/codec/base64.h"
#include "base/text.h"
#include "base/verifying_key.h"

namespace slipway::signature_bundle {
namespace {

using governance::SignedBundle;
using governance::Statement;
using nlohmann::json;

constexpr std::string_view kMediaType = "application/vnd.dev.sigstore.bundle";
constexpr std::string_view kWrittenMediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
constexpr std::string_view kPayloadType = "application/vnd.in-toto+json";
constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
constexpr std::string_view kPredicateType = "https://model_signing/signature/v1.0";
constexpr int kDeepest = 16;
constexpr std::size_t kMostSignatures = 16;
constexpr std::size_t kLongestSignature = 1024;
constexpr std::size_t kMostFiles = 4096;
constexpr std::size_t kLongestPath = 1024;
constexpr std::size_t kLongestName = 1024;

// Watches the parser for keys said twice and for depth, which the library itself lets through.
class Watcher {
 public:
  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    if (depth > kDeepest) {
      problem_ = "nesting deeper than " + std::to_string(kDeepest);
      return false;  // nothing of it is kept
    }
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second) {
      problem_ = "the key \"" + printable(parsed.get<std::string>()) + "\" twice";
    }
    return true;
  }
  const std::string& problem() const { return problem_; }

 private:
  std::vector<std::set<std::string>> keys_;
  std::string problem_;
};

Result<json> parsed(std::string_view text, const std::string& what) {
  Watcher watcher;
  json value = json::parse(text.begin(), text.end(), std::ref(watcher), false);
  if (!watcher.problem().empty()) return invalid_input(what + ": expected none of it, found " + watcher.problem());
  if (!value.is_object()) return invalid_input(what + ": expected a JSON object, found something else");
  return value;
}

std::string found(const json* value) {
  if (!value) return "none";
  if (value->is_object() || value->is_array()) return value->is_object() ? "an object" : "an array";
  return printable(value->dump(-1, ' ', false, json::error_handler_t::replace), 80);
}

const json* member(const json& object, std::string_view key) {
  const auto at = object.find(key);
  return at == object.end() ? nullptr : &*at;
}

Result<const json*> object_at(const json& object, std::string_view key, const std::string& where) {
  const json* value = member(object, key);
  if (value && value->is_object()) return value;
  return invalid_input(where + std::string(key) + ": expected an object, found " + found(value));
}

Result<const json*> list_at(const json& object, std::string_view key, const std::string& where, std::size_t most) {
  const json* value = member(object, key);
  if (value && value->is_array() && !value->empty() && value->size() <= most) return value;
  return invalid_input(where + std::string(key) + ": expected a list of 1 to " + std::to_string(most) +
                       " entries, found " +
                       (value && value->is_array() ? std::to_string(value->size()) : found(value)));
}

Result<std::string> text_at(const json& object, std::string_view key, const std::string& where, std::size_t longest) {
  const json* value = member(object, key);
  if (!value || !value->is_string()) {
    return invalid_input(where + std::string(key) + ": expected a string, found " + found(value));
  }
  const auto& text = value->get_ref<const std::string&>();
  if (text.size() <= longest) return text;
  return invalid_input(where + std::string(key) + ": expected at most " + std::to_string(longest) + " bytes, found " +
                       std::to_string(text.size()));
}

Result<void> expect_text(const json& object, std::string_view key, const std::string& where, std::string_view wanted) {
  const std::string text = TRY(text_at(object, key, where, kLongestName));
  if (text == wanted) return {};
  return invalid_input(where + std::string(key) + ": expected \"" + std::string(wanted) + "\", found \"" +
                       printable(text) + "\"");
}

Result<std::string> bytes_at(const json& object, std::string_view key, const std::string& where, std::size_t longest) {
  auto bytes = codec::decode_base64(TRY(text_at(object, key, where, longest / 3 * 4 + 4)));
  if (!bytes.ok()) return std::move(bytes).error().within(where + std::string(key));
  return bytes;
}

// DSSE's pre-authentication encoding.
std::string encoded(std::string_view payload) {
  std::string text = "DSSEv1 " + std::to_string(kPayloadType.size()) + " " + std::string(kPayloadType) + " " +
                     std::to_string(payload.size()) + " ";
  return text.append(payload);
}

Result<Digest> digest_at(const json& object, std::string_view key, const std::string& where) {
  auto digest = parse_digest(TRY(text_at(object, key, where, 71)));
  if (!digest.ok()) return std::move(digest).error().within(where + std::string(key));
  return digest;
}

// What the files' digests were made of, where that is not one SHA-256 for each file.
Result<std::string> other_serialization(const json& predicate) {
  const json& serialization = *TRY(object_at(predicate, "serialization", "predicate."));
  const std::string where = "predicate.serialization.";
  const std::string method = TRY(text_at(serialization, "method", where, kLongestName));
  const std::string hash = TRY(text_at(serialization, "hash_type", where, kLongestName));
  if (method == "files" && hash == "sha256") return std::string();
  return "it is over " + printable(method, 40) + " by " + printable(hash, 40) +
         "; only files by sha256 can be compared with what is stored here";
}

// The subject's digest is over the digests of the files, in the order in which they are said.
Result<void> read_files(const json& predicate, const Digest& subject, Statement& statement) {
  Sha256 all;
  for (const json& resource : *TRY(list_at(predicate, "resources", "predicate.", kMostFiles))) {
    const std::string where = "predicate.resources[" + std::to_string(statement.files.size()) + "].";
    if (!resource.is_object()) return invalid_input(where + ": expected an object, found " + found(&resource));
    TRY(expect_text(resource, "algorithm", where, "sha256"));
    Statement::File file{TRY(text_at(resource, "name", where, kLongestPath)),
                         TRY(digest_at(resource, "digest", where))};
    all.update(std::as_bytes(std::span(file.digest.bytes)));
    statement.files.push_back(std::move(file));
  }
  if (const Digest found_digest = all.finish(); found_digest != subject) {
    return invalid_input("subject[0].digest.sha256: expected " + found_digest.hex() +
                         ", the digest of the files it lists, found " + subject.hex());
  }
  return {};
}

// "slipway": {"model": "fraud", "version": 3}; whoever does not know it passes it over.
Result<void> read_binding(const json& predicate, Statement& statement) {
  if (!member(predicate, "slipway")) return {};
  const std::string where = "predicate.slipway.";
  const json& binding = *TRY(object_at(predicate, "slipway", "predicate."));
  const auto name = model::ModelName::parse(TRY(text_at(binding, "model", where, kLongestName)));
  if (!name.ok()) return Error(name.error()).within(where + "model");
  statement.model = name->text();
  const json* version = member(binding, "version");
  if (!version) return {};
  if (!version->is_number_unsigned() || version->get<std::uint64_t>() == 0) {
    return invalid_input(where + "version: expected a number of 1 or more, found " + found(version));
  }
  statement.version = version->get<std::uint64_t>();
  return {};
}

Result<void> read_statement(std::string_view payload, SignedBundle& bundle) {
  const json statement = TRY(parsed(payload, "the signed statement"));
  TRY(expect_text(statement, "_type", "", kStatementType));
  TRY(expect_text(statement, "predicateType", "", kPredicateType));
  const json& subjects = *TRY(list_at(statement, "subject", "", 1));
  if (!subjects[0].is_object()) return invalid_input("subject[0]: expected an object, found " + found(&subjects[0]));
  bundle.statement.subject = TRY(text_at(subjects[0], "name", "subject[0].", kLongestName));
  const json& digests = *TRY(object_at(subjects[0], "digest", "subject[0]."));
  const Digest subject = TRY(digest_at(digests, "sha256", "subject[0].digest."));
  const json& predicate = *TRY(object_at(statement, "predicate", ""));
  TRY(read_binding(predicate, bundle.statement));
  bundle.obstacle = TRY(other_serialization(predicate));
  if (!bundle.obstacle.empty()) return {};
  return read_files(predicate, subject, bundle.statement);
}

// Whose signature it is: a key, or a certificate, which would need roots that are trusted and a clock that is.
Result<void> read_material(const json& material, SignedBundle& bundle) {
  const std::string where = "verificationMaterial.";
  if (const json* key = member(material, "publicKey")) {
    if (!key->is_object()) return invalid_input(where + "publicKey: expected an object, found " + found(key));
    if (member(*key, "hint")) bundle.key_hint = TRY(text_at(*key, "hint", where + "publicKey.", kLongestName));
    return {};
  }
  if (member(material, "certificate") || member(material, "x509CertificateChain")) {
    bundle.obstacle = "it is by a certificate, and no trust root for certificates can be configured: sign with a key";
    return {};
  }
  return invalid_input(where + "publicKey: expected the key that signed, found none");
}

Result<SignedBundle> read_envelope(const json& whole) {
  const std::string type = TRY(text_at(whole, "mediaType", "", kLongestName));
  if (!type.starts_with(kMediaType)) {
    return invalid_input("mediaType: expected \"" + std::string(kWrittenMediaType) + "\", found \"" + printable(type) +
                         "\"");
  }
  SignedBundle bundle;
  const json& envelope = *TRY(object_at(whole, "dsseEnvelope", ""));
  const std::string where = "dsseEnvelope.";
  TRY(expect_text(envelope, "payloadType", where, kPayloadType));
  const std::string payload = TRY(bytes_at(envelope, "payload", where, governance::kLongestBundle.count));
  bundle.signed_bytes = encoded(payload);
  for (const json& signature : *TRY(list_at(envelope, "signatures", where, kMostSignatures))) {
    const std::string here = where + "signatures[" + std::to_string(bundle.signatures.size()) + "].";
    if (!signature.is_object()) return invalid_input(here + ": expected an object, found " + found(&signature));
    bundle.signatures.push_back(TRY(bytes_at(signature, "sig", here, kLongestSignature)));
  }
  TRY(read_statement(payload, bundle));
  TRY(read_material(*TRY(object_at(whole, "verificationMaterial", "")), bundle));
  return bundle;
}

json written(const Statement& statement) {
  Sha256 all;
  json resources = json::array();
  for (const Statement::File& file : statement.files) {
    all.update(std::as_bytes(std::span(file.digest.bytes)));
    resources.push_back({{"name", file.path}, {"algorithm", "sha256"}, {"digest", file.digest.hex()}});
  }
  json predicate = {{"serialization",
                     {{"method", "files"},
                      {"hash_type", "sha256"},
                      {"allow_symlinks", false},
                      {"ignore_paths", {std::string(governance::kSignatureFile)}}}},
                    {"resources", std::move(resources)}};
  if (!statement.model.empty()) predicate["slipway"]["model"] = statement.model;
  if (!statement.model.empty() && statement.version) predicate["slipway"]["version"] = *statement.version;
  return {{"_type", kStatementType},
          {"subject", json::array({{{"name", statement.subject}, {"digest", {{"sha256", all.finish().hex()}}}}})},
          {"predicateType", kPredicateType},
          {"predicate", std::move(predicate)}};
}

}  // namespace

Result<SignedBundle> read_bundle(std::string_view text) {
  if (text.size() > governance::kLongestBundle.count) {
    return invalid_input("expected a signature of at most " + std::to_string(governance::kLongestBundle.count) +
                         " bytes, found " + std::to_string(text.size()));
  }
  auto bundle = read_envelope(TRY(parsed(text, "the bundle")));
  if (!bundle.ok()) return std::move(bundle).error().within("signature");
  return bundle;
}

std::string signed_bundle(const Statement& statement, const Ed25519PrivateKey& key) {
  const std::string payload = written(statement).dump(-1, ' ', false, json::error_handler_t::replace);
  const Ed25519Signature signature = key.sign(as_bytes(encoded(payload)));
  const std::string_view raw(reinterpret_cast<const char*>(signature.bytes.data()), signature.bytes.size());
  const std::string hint = VerifyingKey::of(key.public_key()).pem_digest().hex();
  const json bundle = {{"mediaType", kWrittenMediaType},
                       {"verificationMaterial", {{"publicKey", {{"hint", hint}}}, {"tlogEntries", json::array()}}},
                       {"dsseEnvelope",
                        {{"payload", codec::encode_base64(payload)},
                         {"payloadType", kPayloadType},
                         {"signatures", json::array({{{"sig", codec::encode_base64(raw)}, {"keyid", ""}}})}}}};
  return bundle.dump(2) + "\n";
}

}  // namespace slipway::signature_bundle

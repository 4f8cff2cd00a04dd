#include "adapter/net/tls_authority.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <ctime>
#include <memory>
#include <system_error>

#include "adapter/net/socket.h"
#include "base/digest.h"
#include "base/invariant.h"
#include "base/text.h"

namespace slipway::net {
namespace {

constexpr long kDay = 24 * 60 * 60;
constexpr long kAuthorityDays = 3650, kCertificateDays = 397, kRenewedBeforeDays = 30;
constexpr long kBackdated = 60 * 60;  // for clients whose clocks are behind

template <auto release>
struct Releases {
  template <class T>
  void operator()(T* held) const {
    release(held);
  }
};
using Certificate = std::unique_ptr<X509, Releases<X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Releases<EVP_PKEY_free>>;
using Text = std::unique_ptr<BIO, Releases<BIO_free>>;
struct Pair {
  Certificate certificate;
  PrivateKey key;
};

Error cannot(const std::string& doing, const std::string& path) {
  return unavailable(doing + " " + printable(path) + ": " + std::generic_category().message(errno));
}

// The file holds exactly `text` afterwards, or what it held before.
Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
  const std::string fresh = path + ".new";
  const Descriptor file(::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
  if (file.fd() < 0) return cannot("making", fresh);
  if (::fchmod(file.fd(), mode) != 0) return cannot("protecting", fresh);
  for (std::string_view left = text; !left.empty();) {
    const ssize_t written = ::write(file.fd(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return cannot("writing", fresh);
    left.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.fd()) != 0 || ::rename(fresh.c_str(), path.c_str()) != 0) return cannot("writing", path);
  return {};
}

Result<void> write_pair(const std::string& base, const Pair& pair) {
  char* bytes = nullptr;
  const Text key(BIO_new(BIO_s_mem())), certificate(BIO_new(BIO_s_mem()));
  invariant(PEM_write_bio_PrivateKey(key.get(), pair.key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1 &&
                PEM_write_bio_X509(certificate.get(), pair.certificate.get()) == 1,
            "OpenSSL cannot write what it made");
  const auto size = static_cast<std::size_t>(BIO_get_mem_data(key.get(), &bytes));
  TRY(write_file(base + ".key", {bytes, size}, 0600));
  const auto certificate_size = static_cast<std::size_t>(BIO_get_mem_data(certificate.get(), &bytes));
  return write_file(base + ".crt", {bytes, certificate_size}, 0644);
}

// Neither file there: an empty pair.
Result<Pair> read_pair(const std::string& base) {
  const Text certificate(BIO_new_file((base + ".crt").c_str(), "r")), key(BIO_new_file((base + ".key").c_str(), "r"));
  ERR_clear_error();
  if (!certificate && !key && ::access((base + ".crt").c_str(), F_OK) != 0) return Pair{};
  Pair pair;
  if (certificate) pair.certificate.reset(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
  if (key) pair.key.reset(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
  const bool fits = pair.certificate && pair.key && X509_check_private_key(pair.certificate.get(), pair.key.get()) == 1;
  ERR_clear_error();
  if (fits) return pair;
  return Error{ErrorCode::Corrupt, "expected a certificate and its key in " + printable(base) +
                                       ".crt and .key, found something else: remove both to have them made anew"};
}

void add_extension(X509* certificate, X509* issuer, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  invariant(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1,
            "an extension of our own is refused");
  X509_EXTENSION_free(extension);
}

// Everything but the extensions; `issuer` none: itself.
Pair make_pair(const std::string& name, long days) {
  Pair pair{Certificate(X509_new()), PrivateKey(EVP_EC_gen("P-256"))};
  invariant(pair.certificate && pair.key, "OpenSSL makes no key");
  X509* certificate = pair.certificate.get();
  BIGNUM* serial = BN_new();
  invariant(BN_rand(serial, 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1, "the system gives no randomness");
  BN_to_ASN1_INTEGER(serial, X509_get_serialNumber(certificate));
  BN_free(serial);
  X509_set_version(certificate, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kBackdated);
  X509_gmtime_adj(X509_getm_notAfter(certificate), days * kDay);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.data()), static_cast<int>(name.size()), -1, 0);
  X509_set_pubkey(certificate, pair.key.get());
  return pair;
}

void sign(X509* certificate, EVP_PKEY* key) {
  invariant(X509_sign(certificate, key, EVP_sha256()) > 0, "OpenSSL signs nothing");
}

bool is_address(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> ignored;
  return inet_pton(AF_INET, host.c_str(), ignored.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), ignored.data()) == 1;
}

// A name as DNS has it: what else a configuration may hold (such as '*') has no place in a certificate.
bool is_name(const std::string& host) {
  return !host.empty() && host.size() <= 253 &&
         std::ranges::all_of(host, [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '.'; });
}

void add_addresses_of_this_machine(std::vector<std::string>& hosts) {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0) return;
  for (const ifaddrs* one = all; one != nullptr; one = one->ifa_next) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    const int family = one->ifa_addr == nullptr ? AF_UNSPEC : one->ifa_addr->sa_family;
    const void* bytes = family == AF_INET
                            ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(one->ifa_addr)->sin_addr)
                            : &reinterpret_cast<const sockaddr_in6*>(one->ifa_addr)->sin6_addr;
    if ((family == AF_INET || family == AF_INET6) && inet_ntop(family, bytes, text.data(), text.size()) != nullptr) {
      hosts.emplace_back(text.data());
    }
  }
  freeifaddrs(all);
}

Pair make_authority() {
  Pair pair = make_pair("Slipway's own authority", kAuthorityDays);
  X509* certificate = pair.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(certificate, certificate, NID_subject_key_identifier, "hash");
  sign(certificate, pair.key.get());
  return pair;
}

Pair make_certificate(const Pair& authority, const std::vector<std::string>& hosts) {
  Pair pair = make_pair("Slipway", kCertificateDays);
  X509* certificate = pair.certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(authority.certificate.get()));
  std::string names;
  for (const std::string& host : hosts)
    names += (names.empty() ? "" : ",") + ((is_address(host) ? "IP:" : "DNS:") + host);
  add_extension(certificate, authority.certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, authority.certificate.get(), NID_key_usage, "critical,digitalSignature");
  add_extension(certificate, authority.certificate.get(), NID_ext_key_usage, "serverAuth");
  add_extension(certificate, authority.certificate.get(), NID_subject_key_identifier, "hash");
  add_extension(certificate, authority.certificate.get(), NID_authority_key_identifier, "keyid:always");
  add_extension(certificate, authority.certificate.get(), NID_subject_alt_name, names.c_str());
  sign(certificate, authority.key.get());
  return pair;
}

bool lasts(X509* certificate, long days) {
  std::time_t until = std::time(nullptr) + days * kDay;
  return X509_cmp_time(X509_get0_notAfter(certificate), &until) > 0;
}

bool still_does(const Pair& pair, const Pair& authority, const std::vector<std::string>& hosts) {
  if (!pair.certificate || !lasts(pair.certificate.get(), kRenewedBeforeDays)) return false;
  if (X509_verify(pair.certificate.get(), authority.key.get()) != 1) {
    ERR_clear_error();
    return false;
  }
  return std::ranges::all_of(hosts, [&](const std::string& host) {
    return is_address(host) ? X509_check_ip_asc(pair.certificate.get(), host.c_str(), 0) == 1
                            : X509_check_host(pair.certificate.get(), host.data(), host.size(), 0, nullptr) == 1;
  });
}

std::string fingerprint_of(X509* certificate) {
  unsigned char* bytes = nullptr;
  const int size = i2d_X509(certificate, &bytes);
  Sha256 hash;
  hash.update(ByteSpan(reinterpret_cast<const std::byte*>(bytes), static_cast<std::size_t>(size)));
  OPENSSL_free(bytes);
  const Digest digest = hash.finish();
  return digest.hex();
}

}  // namespace

Result<OwnCertificate> ensure_own_certificate(const std::string& folder, std::vector<std::string> hosts) {
  for (const char* always : {"localhost", "127.0.0.1", "::1"}) hosts.emplace_back(always);
  for (std::string& host : hosts) {
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  }
  if (std::erase_if(hosts, [](const std::string& host) { return host.empty() || host == "0.0.0.0" || host == "::"; }) !=
      0)
    add_addresses_of_this_machine(hosts);
  std::erase_if(hosts, [](const std::string& host) { return !is_address(host) && !is_name(host); });
  std::ranges::sort(hosts);
  hosts.erase(std::unique(hosts.begin(), hosts.end()), hosts.end());

  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot("making", folder);
  OwnCertificate own;
  own.authority = folder + "/ca.crt";
  own.files = {.certificate = folder + "/server.crt", .key = folder + "/server.key", .client_ca = ""};
  Pair authority = TRY(read_pair(folder + "/ca"));
  if (!authority.certificate || !lasts(authority.certificate.get(), kRenewedBeforeDays)) {
    authority = make_authority();
    TRY(write_pair(folder + "/ca", authority));
    own.is_new = true;
  }
  own.fingerprint = fingerprint_of(authority.certificate.get());
  Pair server;
  if (auto found = read_pair(folder + "/server"); found.ok()) server = *std::move(found);
  if (!still_does(server, authority, hosts)) TRY(write_pair(folder + "/server", make_certificate(authority, hosts)));
  return own;
}

}  // namespace slipway::net

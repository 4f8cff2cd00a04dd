#include "adapter/net/tls_credentials.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "adapter/net/tls_authority.h"

namespace slipway::net {
namespace {

using testing::HasSubstr;

std::string contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class TlsCredentialsTest : public testing::Test {
 protected:
  TlsCredentialsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-tls-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    own_ = ensure_own_certificate(folder_ + "/tls", {"a.example.com", "10.0.0.7", "[fd00::1]", "*"}).value();
    good_ = {contents(own_.files.certificate), contents(own_.files.key), contents(own_.authority)};
  }
  ~TlsCredentialsTest() override { std::filesystem::remove_all(folder_); }
  // "" when it is taken.
  std::string refusal(const TlsFiles& texts) {
    const auto made = TlsCredentials::from_pem(texts, {"cert.pem", "key.pem", "ca.pem"}, {"http/1.1"}, tickets_);
    return made.ok() ? "" : made.error().message;
  }
  std::string folder_;
  OwnCertificate own_;
  TlsFiles good_;
  TicketKeys tickets_{TimePoint{}};
};

TEST_F(TlsCredentialsTest, good_files_are_taken) {
  EXPECT_EQ(refusal(good_), "");
  TlsFiles chain = good_;
  chain.certificate += good_.client_ca;
  EXPECT_EQ(refusal(chain), "");
}

TEST_F(TlsCredentialsTest, what_is_wrong_is_told_with_the_file_the_expectation_and_what_was_found) {
  const auto with = [&](std::string TlsFiles::* field, std::string text) {
    TlsFiles texts = good_;
    texts.*field = std::move(text);
    return refusal(texts);
  };
  EXPECT_EQ(with(&TlsFiles::certificate, ""),
            "cert.pem: expected a certificate in PEM (-----BEGIN CERTIFICATE-----), found none");
  EXPECT_THAT(with(&TlsFiles::certificate, good_.certificate.substr(0, 200)),
              HasSubstr("cert.pem: expected a certificate"));
  std::string damaged = good_.certificate;
  damaged[damaged.size() / 2] = '!';
  EXPECT_THAT(with(&TlsFiles::certificate, damaged),
              HasSubstr("cert.pem: expected a certificate in PEM, found a damaged one"));
  std::string endless;
  for (int i = 0; i < 20; ++i) endless += good_.client_ca;
  EXPECT_EQ(with(&TlsFiles::certificate, good_.certificate + endless),
            "cert.pem: expected a chain of at most 16 certificates");
  EXPECT_THAT(with(&TlsFiles::key, "nothing"), HasSubstr("key.pem: expected a private key in PEM, found none"));
  EXPECT_THAT(with(&TlsFiles::key, contents(folder_ + "/tls/ca.key")),
              HasSubstr("key.pem: expected the key of the certificate in cert.pem, found another one"));
  EXPECT_EQ(with(&TlsFiles::client_ca, "\n"), "ca.pem: expected a certificate in PEM, found none");
  EXPECT_EQ(with(&TlsFiles::client_ca, good_.certificate),
            "ca.pem: expected certificates of authorities, found one (number 1) that is not");
}

TEST_F(TlsCredentialsTest, files_that_cannot_be_read_are_named) {
  TlsFiles missing = own_.files;
  missing.key = folder_ + "/none";
  EXPECT_EQ(TlsCredentials::load(missing, {}, tickets_).error().message,
            folder_ + "/none: cannot be opened: No such file or directory");
  std::ofstream(folder_ + "/large") << std::string(2 << 20, 'x');
  missing.key = folder_ + "/large";
  EXPECT_THAT(TlsCredentials::load(missing, {}, tickets_).error().message, HasSubstr("expected at most 1MiB of PEM"));
  missing.key = folder_;
  EXPECT_THAT(TlsCredentials::load(missing, {}, tickets_).error().message, HasSubstr("cannot be read"));
}

TEST_F(TlsCredentialsTest, the_authority_of_its_own_stays_and_its_certificate_follows_the_hosts) {
  const auto again = ensure_own_certificate(folder_ + "/tls", {"a.example.com", "10.0.0.7"}).value();
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.fingerprint, own_.fingerprint);
  EXPECT_EQ(contents(own_.files.certificate), good_.certificate) << "it still does";
  ASSERT_TRUE(ensure_own_certificate(folder_ + "/tls", {"b.example.com"}).ok());
  EXPECT_NE(contents(own_.files.certificate), good_.certificate);
  EXPECT_EQ(contents(own_.authority), good_.client_ca);
  struct stat found{};
  ASSERT_EQ(::stat((folder_ + "/tls/ca.key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600U);
  std::ofstream(folder_ + "/tls/ca.key") << "damaged";
  EXPECT_EQ(ensure_own_certificate(folder_ + "/tls", {}).error().code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace slipway::net

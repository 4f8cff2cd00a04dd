// Credentials: whose name requests are signed with. Their secrets stand in no message and no log.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace slipway::artifacts_s3 {

// A value.
struct Credentials {
  std::string key_id;
  std::string secret;
  std::string session_token;  // empty: none
  std::string source;         // for messages: the file, or "the environment"
  bool operator==(const Credentials&) const = default;
};

// From the section [default] of `file`, in the form of AWS's tools (aws_access_key_id = ..., aws_secret_access_key,
// aws_session_token), or, when it is empty, from the environment. InvalidInput tells what is missing and where.
Result<Credentials> read_credentials(const std::string& file, const std::function<const char*(const char*)>& variable);

}  // namespace slipway::artifacts_s3

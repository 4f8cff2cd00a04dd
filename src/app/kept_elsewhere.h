// KeptElsewhere: what a server keeps in other places than its data directory, and the file there that says so to
// whoever looks at the directory without the server.
#pragma once

#include <string>

#include "base/result.h"

namespace slipway::app {

inline constexpr const char* kKeptElsewhere = "kept-elsewhere";  // in the data directory

struct KeptElsewhere {
  bool records = false;    // models, versions, tokens and training: in PostgreSQL
  bool artifacts = false;  // on S3

  bool nothing() const { return !records && !artifacts; }
  std::string text() const;    // of the file
  std::string places() const;  // "PostgreSQL and S3"; empty: nothing
  bool operator==(const KeptElsewhere&) const = default;
};

// Nothing where there is no such file. Unavailable: it cannot be read, or says what this program does not know.
Result<KeptElsewhere> kept_elsewhere_of(const std::string& directory);

// Refuses what would let a server take artifacts for waste that another registry needs. Conflict: the records of this
// directory were in PostgreSQL and should now be in its files, or the other way round.
Result<void> expect_same_keeper(const std::string& directory, const KeptElsewhere& now);

}  // namespace slipway::app

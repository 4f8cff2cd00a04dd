// Target: which database, and how this process speaks to it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace slipway::store_postgres {

// What may be chosen. A value.
struct Settings {
  std::string url;                                        // postgresql://..., or libpq's "key=value ..."
  std::string schema = "slipway";                         // where the tables are: one registry each
  std::size_t readers = 4;                                // connections that read, of one store; one more writes
  Duration patience = std::chrono::seconds(10);           // for a database that is gone, counted from when it went
  Duration statement_timeout = std::chrono::seconds(10);  // of one statement, by the server's clock
};

// A checked target. A value; `parameters` has the password in it and is never shown.
struct Target {
  Settings settings;
  std::string parameters;  // what libpq connects with
  std::string place;       // for messages: postgresql://user@host:port/database

  // The text without any password that the target knows.
  std::string without_secrets(std::string_view text) const;
  std::vector<std::string> secrets;
};

// InvalidInput: no URL of PostgreSQL; the message shows nothing of it, for it may hold a password.
Result<Target> read_target(Settings settings);
// Whether the text holds a password, which would be seen on a command line. InvalidInput as above.
Result<bool> names_a_password(const std::string& url);

}  // namespace slipway::store_postgres

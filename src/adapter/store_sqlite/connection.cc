#include "adapter/store_sqlite/connection.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <utility>

#include "base/descriptor.h"
#include "base/digest.h"

namespace slipway::store_sqlite {
namespace {

constexpr int kSafeLibrary =
    3'051'003;  // 3.7.0 to 3.51.2 may corrupt a WAL database that is checkpointed while written
constexpr int kBusyMilliseconds = 5'000;
constexpr std::size_t kMostIdle = 128;      // statements kept for the next use
constexpr std::size_t kLongestKept = 4096;  // bytes of SQL; what is longer is hardly asked again

// SQLite would create it with the umask's permissions; its WAL inherits ours.
Result<void> ensure_private_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    const std::string text = "cannot open the database " + path + ": " + std::generic_category().message(errno);
    return errno == ENOSPC ? overloaded("no space left: " + text) : unavailable(text);
  }
  return {};
}

// A name of SQLite's form for URIs, which alone can say that a file does not change.
std::string still_name(const std::string& path) {
  std::string name = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      name += '%' + to_hex(std::as_bytes(std::span(&c, 1)));
    } else {
      name += c;
    }
  }
  return name + "?immutable=1";
}

class SqliteCursor final : public sql_records::Cursor {
 public:
  SqliteCursor(Connection& connection, sqlite3_stmt* handle) : connection_(connection), handle_(handle) {}
  SqliteCursor(const SqliteCursor&) = delete;
  SqliteCursor& operator=(const SqliteCursor&) = delete;
  ~SqliteCursor() override { connection_.take_back(handle_); }

  void bind_text(std::string_view text) override {
    bound(sqlite3_bind_text64(handle_, ++bound_, text.data() ? text.data() : "", text.size(), SQLITE_TRANSIENT,
                              SQLITE_UTF8));
  }
  void bind_integer(std::int64_t number) override { bound(sqlite3_bind_int64(handle_, ++bound_, number)); }
  void bind_number(double number) override { bound(sqlite3_bind_double(handle_, ++bound_, number)); }
  void bind_null() override { bound(sqlite3_bind_null(handle_, ++bound_)); }
  void bind_blob(ByteSpan blob) override {
    bound(sqlite3_bind_blob64(handle_, ++bound_, blob.data(), blob.size(), SQLITE_TRANSIENT));
  }

  Result<bool> step() override {
    if (bind_status_ != SQLITE_OK) return connection_.error("cannot pass a value to the database");
    const int status = sqlite3_step(handle_);
    if (status == SQLITE_ROW) return true;
    if (status == SQLITE_DONE) return false;
    return connection_.error("the database refused");
  }

  std::int64_t integer(int column) const override { return sqlite3_column_int64(handle_, column); }
  double number(int column) const override { return sqlite3_column_double(handle_, column); }
  bool is_null(int column) const override { return sqlite3_column_type(handle_, column) == SQLITE_NULL; }
  std::string_view text(int column) const override {
    const auto* first = reinterpret_cast<const char*>(sqlite3_column_text(handle_, column));
    return {first ? first : "", static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
  }
  ByteSpan blob(int column) const override {
    const auto* first = static_cast<const std::byte*>(sqlite3_column_blob(handle_, column));
    return {first, static_cast<std::size_t>(sqlite3_column_bytes(handle_, column))};
  }

 private:
  void bound(int status) {
    if (status != SQLITE_OK) bind_status_ = status;
  }

  Connection& connection_;
  sqlite3_stmt* handle_;
  int bound_ = 0;
  int bind_status_ = SQLITE_OK;
};

}  // namespace

Result<Connection> Connection::open(const std::string& path, Use use) {
  if (sqlite3_libversion_number() < kSafeLibrary) {
    return internal_error(std::string("expected SQLite 3.51.3 or newer, found ") + sqlite3_libversion() +
                          ": older ones can damage the database");
  }
  if (use == Use::Write || use == Use::Copy) TRY(ensure_private_file(path));
  sqlite3* handle = nullptr;
  // The reader is opened for writing too, as a reader of a WAL must be; query_only keeps it from it.
  const int access = use == Use::Still ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI : SQLITE_OPEN_READWRITE;
  const int status = sqlite3_open_v2(use == Use::Still ? still_name(path).c_str() : path.c_str(), &handle,
                                     access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  Connection connection(handle);
  if (status != SQLITE_OK) return connection.error("cannot open the database " + path);
  auto configured = connection.configure(use);
  if (!configured) return std::move(configured).error().within(path);
  return connection;
}

Result<void> Connection::configure(Use use) {
  sqlite3_busy_timeout(handle_, kBusyMilliseconds);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  TRY(execute("PRAGMA mmap_size = 0"));
  TRY(execute("PRAGMA cell_size_check = ON"));
  TRY(execute("PRAGMA temp_store = MEMORY"));
  if (use == Use::Still) return {};
  if (use == Use::Copy) return execute("PRAGMA synchronous = FULL");
  const std::string journal = TRY(text("PRAGMA journal_mode = WAL"));
  if (journal != "wal") return unavailable("expected a write-ahead log, found journal mode \"" + journal + "\"");
  TRY(execute("PRAGMA synchronous = FULL"));
  TRY(execute("PRAGMA journal_size_limit = 67108864"));
  // Checkpoints are the writer's alone.
  return use == Use::Read ? execute("PRAGMA query_only = ON") : Result<void>();
}

Connection::Connection(Connection&& other) noexcept
    : sql_records::Connection(),
      handle_(std::exchange(other.handle_, nullptr)),
      io_failed_(other.io_failed_),
      idle_(std::exchange(other.idle_, {})),
      idle_count_(std::exchange(other.idle_count_, 0)) {}

Connection::~Connection() {
  forget_statements();
  sqlite3_close_v2(handle_);
}

void Connection::take_back(sqlite3_stmt* statement) {
  sqlite3_reset(statement);  // repeats the error of the last step, which was told then
  sqlite3_clear_bindings(statement);
  const char* text = sqlite3_sql(statement);
  if (!text || std::strlen(text) > kLongestKept) {
    sqlite3_finalize(statement);
    return;
  }
  if (idle_count_ == kMostIdle) forget_statements();
  idle_[text].push_back(statement);
  ++idle_count_;
}

void Connection::forget_statements() {
  for (const auto& [text, statements] : idle_) {
    for (sqlite3_stmt* statement : statements) sqlite3_finalize(statement);
  }
  idle_.clear();
  idle_count_ = 0;
}

Result<Statement> Connection::prepare(std::string_view sql) {
  const auto kept = idle_.find(std::string(sql));
  if (kept != idle_.end() && !kept->second.empty()) {
    sqlite3_stmt* statement = kept->second.back();
    kept->second.pop_back();
    --idle_count_;
    return Statement(std::make_unique<SqliteCursor>(*this, statement));
  }
  sqlite3_stmt* statement = nullptr;
  const int status = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement, nullptr);
  if (status != SQLITE_OK) return error("the database does not understand \"" + std::string(sql) + "\"");
  return Statement(std::make_unique<SqliteCursor>(*this, statement));
}

Result<void> Connection::execute(std::string_view sql) {
  return TRY(prepare(sql)).run();
}

Result<std::int64_t> Connection::integer(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return corrupt("expected a row from \"" + std::string(sql) + "\", found none");
  return statement.integer(0);
}

Result<std::string> Connection::text(std::string_view sql) {
  Statement statement = TRY(prepare(sql));
  if (!TRY(statement.step())) return corrupt("expected a row from \"" + std::string(sql) + "\", found none");
  return std::string(statement.text(0));
}

Error Connection::error(std::string_view doing) {
  const int extended = handle_ ? sqlite3_extended_errcode(handle_) : SQLITE_NOMEM;
  const int code = extended & 0xFF;
  const std::string text = std::string(doing) + ": " + (handle_ ? sqlite3_errmsg(handle_) : "out of memory") +
                           " (SQLite " + std::to_string(extended) + ")";
  switch (code) {
    case SQLITE_FULL:
      return overloaded("no space left: " + text);
    case SQLITE_IOERR:
      io_failed_ = true;
      return unavailable(text);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return corrupt(text);
    case SQLITE_CONSTRAINT:
      return conflict(text);
    case SQLITE_NOMEM:
      return overloaded(text);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_INTERRUPT:
    case SQLITE_PROTOCOL:
      return unavailable(text);
    default:  // SQLite's codes, not ours: all others mean that we called it wrongly
      return internal_error(text);
  }
}

Result<Transaction> Transaction::begin(Connection& connection, Kind kind) {
  TRY(connection.execute(kind == Kind::Write ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept : connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  // Some errors have rolled back by themselves.
  if (connection_ && sqlite3_get_autocommit(connection_->handle()) == 0) {
    static_cast<void>(connection_->execute("ROLLBACK"));
  }
}

Result<void> Transaction::commit() {
  TRY(connection_->execute("COMMIT"));
  connection_ = nullptr;
  return {};
}

}  // namespace slipway::store_sqlite

#include "adapter/store_postgres/session.h"

#include <array>
#include <charconv>
#include <deque>
#include <functional>
#include <map>
#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

#include "adapter/store_postgres/failure.h"

namespace slipway::store_postgres {

using sql_records::Statement;

struct Session::Link {
  Link(const Target& of, SessionWatch& watch)
      : target(of), connection(of.parameters), quiet(connection), watched(watch, connection.sock()) {
// Deprecated because the next major version never does it; this one would connect anew by itself, without the
// session's settings and in the middle of a transaction.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
  }

  const Target target;
  pqxx::connection connection;
  pqxx::quiet_errorhandler quiet;
  SessionWatch::Watched watched;
  std::unique_ptr<pqxx::transaction_base> transaction;
  std::map<std::string, std::string, std::less<>> names;  // of statements, by their text
  bool is_broken = false;

  // What the library throws, as an Error.
  template <class Work>
  auto guarded(std::string_view doing, Work work) -> Result<decltype(work())> {
    try {
      watched.begins();
      auto made = work();
      watched.ends();
      return made;
    } catch (const std::exception& thrown) {
      watched.ends();
      const Failure failure = failure_of(thrown, doing);
      is_broken = is_broken || failure.ends_session || !connection.is_open();
      return Error{failure.code, target.without_secrets(failure.message)};
    }
  }
};

namespace {

constexpr std::size_t kMostPrepared = 256;

// PostgreSQL numbers its values.
std::string numbered(std::string_view sql) {
  std::string text;
  int number = 0;
  bool is_quoted = false;
  for (const char c : sql) {
    if (c == '\'') is_quoted = !is_quoted;
    text += c == '?' && !is_quoted ? "$" + std::to_string(++number) : std::string(1, c);
  }
  return text;
}

class PostgresCursor final : public sql_records::Cursor {
 public:
  PostgresCursor(Session::Link& link, std::string name, std::string sql)
      : link_(link), name_(std::move(name)), sql_(std::move(sql)) {}

  void bind_text(std::string_view text) override {
    has_nul_ = has_nul_ || text.find('\0') != std::string_view::npos;
    values_.emplace_back(text);
  }
  void bind_integer(std::int64_t number) override { values_.emplace_back(std::to_string(number)); }
  void bind_number(double number) override {
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    values_.emplace_back(std::string(digits, end));
  }
  void bind_null() override { values_.emplace_back(std::nullopt); }
  void bind_blob(ByteSpan blob) override {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text = "\\x";
    for (const std::byte byte : blob) {
      text += kDigits[std::to_integer<unsigned>(byte) >> 4U];
      text += kDigits[std::to_integer<unsigned>(byte) & 15U];
    }
    values_.emplace_back(std::move(text));
  }

  Result<bool> step() override {
    if (row_ < 0) TRY(run());
    ++row_;
    blobs_.clear();
    return static_cast<std::size_t>(row_) < rows_.size();
  }

  std::int64_t integer(int column) const override {
    const std::string_view found = text(column);
    std::int64_t number = 0;
    std::from_chars(found.data(), found.data() + found.size(), number);  // columns of numbers hold nothing else
    return number;
  }
  double number(int column) const override {
    const std::string_view found = text(column);
    double number = 0;
    std::from_chars(found.data(), found.data() + found.size(), number);  // columns of numbers hold nothing else
    return number;
  }
  bool is_null(int column) const override { return field(column).is_null(); }
  std::string_view text(int column) const override {
    const pqxx::field found = field(column);
    return {found.c_str(), found.size()};
  }
  ByteSpan blob(int column) const override {
    const pqxx::binarystring bytes(field(column));
    blobs_.emplace_back(reinterpret_cast<const std::byte*>(bytes.data()),
                        reinterpret_cast<const std::byte*>(bytes.data()) + bytes.size());
    return blobs_.back();
  }

 private:
  pqxx::field field(int column) const {
    return rows_[static_cast<pqxx::result::size_type>(row_)][static_cast<pqxx::row::size_type>(column)];
  }

  Result<void> run() {
    if (has_nul_) return invalid_input("PostgreSQL keeps no text with a NUL character");
    if (!link_.transaction) return internal_error("a statement outside a transaction");
    std::vector<const char*> pointers;  // null: NULL
    for (const auto& value : values_) pointers.push_back(value ? value->c_str() : nullptr);
    const auto parameters = pqxx::prepare::make_dynamic_params(pointers);
    rows_ = TRY(link_.guarded("the database refused", [&] {
      return name_.empty() ? link_.transaction->exec_params(sql_, parameters)
                           : link_.transaction->exec_prepared(name_, parameters);
    }));
    return {};
  }

  Session::Link& link_;
  const std::string name_, sql_;  // no name: it is not prepared
  std::vector<std::optional<std::string>> values_;
  bool has_nul_ = false;
  pqxx::result rows_;
  std::ptrdiff_t row_ = -1;
  mutable std::deque<std::vector<std::byte>> blobs_;  // of the present row
};

std::string settings_of(const Settings& settings) {
  const auto milliseconds = [](Duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
  };
  const std::string longest = milliseconds(settings.statement_timeout);
  return "SET search_path = " + settings.schema + "; SET statement_timeout = " + longest +
         "; SET lock_timeout = " + longest +
         // What a frozen process holds is free again after this time.
         "; SET idle_in_transaction_session_timeout = " + longest +
         "; SET standard_conforming_strings = on; SET bytea_output = 'hex'; SET client_min_messages = warning"
         "; SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";
}

}  // namespace

Session::Session(std::unique_ptr<Link> link) : link_(std::move(link)) {}
Session::~Session() {
  end();
}

Result<std::unique_ptr<Session>> Session::open(const Target& target, SessionWatch& watch) {
  std::unique_ptr<Link> link;
  try {
    link = std::make_unique<Link>(target, watch);
  } catch (const std::exception& thrown) {
    return unavailable("cannot reach the database " + target.place + ": " + target.without_secrets(thrown.what()));
  }
  std::unique_ptr<Session> session(new Session(std::move(link)));
  auto set = session->link_->guarded("setting up a connection", [&] {
    pqxx::nontransaction alone(session->link_->connection);
    alone.exec(settings_of(target.settings));
    return 0;
  });
  if (!set.ok()) return std::move(set).error().within(target.place);
  return session;
}

Result<void> Session::begin(Kind kind) {
  link_->transaction.reset();
  using Reading = pqxx::transaction<pqxx::repeatable_read, pqxx::read_only>;
  TRY(link_->guarded("beginning a transaction", [&] {
    if (kind == Kind::Read) {
      link_->transaction = std::make_unique<Reading>(link_->connection);
    } else {
      link_->transaction = std::make_unique<pqxx::work>(link_->connection);
    }
    return 0;
  }));
  return {};
}

Result<void> Session::commit() {
  auto done = link_->guarded("the database refused to commit", [&] {
    link_->transaction->commit();
    return 0;
  });
  link_->transaction.reset();
  if (!done.ok()) return std::move(done).error();
  return {};
}

void Session::end() {
  link_->watched.begins();
  link_->transaction.reset();
  link_->watched.ends();
}

Result<Statement> Session::prepare(std::string_view sql) {
  auto at = link_->names.find(sql);
  if (at == link_->names.end() && link_->names.size() < kMostPrepared) {
    std::string name = "s" + std::to_string(link_->names.size());
    TRY(link_->guarded("the database does not understand \"" + std::string(sql) + "\"", [&] {
      link_->connection.prepare(name, numbered(sql));
      return 0;
    }));
    at = link_->names.emplace(sql, std::move(name)).first;
  }
  const bool is_prepared = at != link_->names.end();
  return Statement(std::make_unique<PostgresCursor>(*link_, is_prepared ? at->second : std::string(),
                                                    is_prepared ? std::string() : numbered(sql)));
}

Result<void> Session::execute(std::string_view sql) {
  if (!link_->transaction) return internal_error("a statement outside a transaction");
  TRY(link_->guarded("the database refused", [&] {
    link_->transaction->exec(std::string(sql));
    return 0;
  }));
  return {};
}

bool Session::is_broken() const {
  return link_->is_broken || !link_->connection.is_open();
}

}  // namespace slipway::store_postgres

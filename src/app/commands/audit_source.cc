#include "app/commands/audit_source.h"

#include <fstream>

#include "adapter/store_sqlite/trail_file.h"
#include "base/text.h"
#include "domain/governance/audit_line.h"

namespace slipway::app {
namespace {

using model::AuditHead;
using model::Event;

constexpr std::size_t kPage = 1000;
constexpr std::size_t kLongestLine = 64 << 10;  // an event's texts are a few kilobytes at most

// Page after page until one is not full.
template <class Row>
Result<void> over_pages(const std::function<Result<std::vector<Row>>(std::uint64_t after)>& page,
                        const std::function<Result<void>(const Row&)>& each) {
  std::uint64_t after = 0;
  while (true) {
    const std::vector<Row> rows = TRY(page(after));
    for (const Row& row : rows) TRY(each(row));
    if (rows.size() < kPage) return {};
    if (rows.back().sequence <= after) return corrupt("the history does not go on after " + std::to_string(after));
    after = rows.back().sequence;
  }
}

class DirectorySource final : public AuditSource {
 public:
  explicit DirectorySource(store_sqlite::TrailFile file) : file_(std::move(file)) {}
  Result<void> heads(const std::function<Result<void>(const AuditHead&)>& each) override {
    return over_pages<AuditHead>([&](std::uint64_t after) { return file_.heads(after, kPage); }, each);
  }
  Result<void> events(const std::function<Result<void>(const Event&)>& each) override {
    return over_pages<Event>([&](std::uint64_t after) { return file_.trail(after, kPage); }, each);
  }

 private:
  store_sqlite::TrailFile file_;
};

class FileSource final : public AuditSource {
 public:
  explicit FileSource(std::string path) : path_(std::move(path)) {}
  Result<void> heads(const std::function<Result<void>(const AuditHead&)>& each) override { return over(each); }
  Result<void> events(const std::function<Result<void>(const Event&)>& each) override { return over(each); }

 private:
  template <class Row>
  Result<void> over(const std::function<Result<void>(const Row&)>& each) const {
    std::ifstream file(path_);
    std::string line;
    for (std::uint64_t number = 1; std::getline(file, line); ++number) {
      const std::string where = path_ + ":" + std::to_string(number);
      if (line.size() > kLongestLine) return corrupt(where + ": expected a line of at most 65536 bytes");
      auto read = governance::parse_audit_line(line);
      if (!read.ok()) return std::move(read).error().within(where);
      if (const Row* row = std::get_if<Row>(&*read)) TRY(each(*row));
    }
    if (file.bad()) return unavailable("cannot read " + path_);
    return {};
  }
  const std::string path_;
};

class ServerSource final : public AuditSource {
 public:
  explicit ServerSource(cli::Session& session) : session_(session) {}
  Result<void> heads(const std::function<Result<void>(const AuditHead&)>& each) override {
    return over_pages<AuditHead>([&](std::uint64_t after) { return fetch<AuditHead>("/heads", after); }, each);
  }
  Result<void> events(const std::function<Result<void>(const Event&)>& each) override {
    return over_pages<Event>([&](std::uint64_t after) { return fetch<Event>("", after); }, each);
  }

 private:
  template <class Row>
  Result<std::vector<Row>> fetch(const std::string& tail, std::uint64_t after) const {
    cli::HttpRequest request;
    request.path = "/api/v1/audit" + tail + "?limit=" + std::to_string(kPage) + "&after=" + std::to_string(after);
    const std::string body = TRY(session_.call(std::move(request)));
    std::vector<Row> rows;
    std::string_view rest = body;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      auto read = governance::parse_audit_line(rest.substr(0, end));
      if (!read.ok()) return session_.refuse(std::move(read).error().within("the answer of " + session_.server()));
      if (Row* row = std::get_if<Row>(&*read)) rows.push_back(std::move(*row));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return rows;
  }
  cli::Session& session_;
};

}  // namespace

Result<std::unique_ptr<AuditSource>> audit_of_directory(const std::string& directory) {
  auto file = TRY(store_sqlite::TrailFile::open(directory + "/registry.db"));
  return std::unique_ptr<AuditSource>(std::make_unique<DirectorySource>(std::move(file)));
}

Result<std::unique_ptr<AuditSource>> audit_of_file(const std::string& path) {
  if (!std::ifstream(path)) return not_found("cannot open " + printable(path));
  return std::unique_ptr<AuditSource>(std::make_unique<FileSource>(path));
}

std::unique_ptr<AuditSource> audit_of_server(cli::Session& session) {
  return std::make_unique<ServerSource>(session);
}

}  // namespace slipway::app

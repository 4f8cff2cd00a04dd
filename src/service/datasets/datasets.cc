#include "service/datasets/datasets.h"

#include <algorithm>

#include "base/text.h"
#include "domain/model/event.h"

namespace slipway::datasets {
namespace {

constexpr std::size_t kLongestName = 255;
constexpr std::size_t kPage = 500;

std::string shown(const Digest& digest) {
  return "sha256:" + digest.hex();
}

Result<void> check_name(const std::string& name) {
  const bool is_good = !name.empty() && name.size() <= kLongestName && is_valid_utf8(name) &&
                       !has_control_characters(name) && name.find('/') == std::string::npos;
  if (is_good) return {};
  return invalid_input(
      "the data set's file name: expected 1 to 255 bytes of UTF-8 without control characters and '/', found \"" +
      printable(name) + "\"");
}

}  // namespace

Result<Added> Datasets::add(const NewDataset& data) {
  TRY(check_name(data.name));
  if (data.content.size() > kLargest.count) {
    return invalid_input(data.name + ": expected at most " + to_string(kLargest) + ", found " +
                         to_string(Bytes{data.content.size()}));
  }
  ports::DatasetRecord record;
  record.digest = sha256(data.content);
  if (const auto known = TRY(parts_.store.find(record.digest))) {
    TRY(keep(data.content));  // heals what a disk has damaged
    return Added{*known, false};
  }
  {
    const auto table = TRY(parts_.tables.read(data.content, data.name));
    record.rows = table.rows;
    for (const ports::TableColumn& column : table.columns) record.columns.push_back(column.name);
  }
  if (TRY(digests()).size() >= kMost) {
    return overloaded("expected at most " + std::to_string(kMost) + " data sets, found as many: remove some");
  }
  record.name = data.name;
  record.size = data.content.size();
  record.created_at = parts_.clock.wall_now();
  record.created_by = data.author.principal;
  const auto held = TRY(keep(data.content));
  const auto added = parts_.store.add(record);
  if (!added.ok()) {
    if (added.error().code != ErrorCode::Conflict) return added.error();
    const auto other = TRY(parts_.store.find(record.digest));  // the same, at the same time
    return Added{other.value_or(record), false};
  }
  TRY(note(data.author, "", shown(record.digest) + " " + record.name));
  return Added{std::move(record), true};
}

Result<std::vector<ports::DatasetRecord>> Datasets::list(const std::optional<Digest>& after, std::size_t limit) {
  return parts_.store.list(after, std::min(limit, kPage));
}

Result<ports::DatasetRecord> Datasets::find(const Digest& digest) {
  auto found = TRY(parts_.store.find(digest));
  if (found) return *std::move(found);
  return not_found("there is no data set " + shown(digest) + ": `slipway datasets push` registers one");
}

Result<void> Datasets::remove(const Digest& digest, const Author& author) {
  const auto record = TRY(find(digest));
  if (TRY(parts_.store.remove(digest))) TRY(note(author, shown(digest) + " " + record.name, ""));
  return {};
}

Result<std::vector<Digest>> Datasets::digests() {
  std::vector<Digest> all;
  std::optional<Digest> after;
  while (true) {
    const auto page = TRY(parts_.store.list(after, kPage));
    for (const ports::DatasetRecord& record : page) all.push_back(record.digest);
    if (page.size() < kPage) return all;
    after = all.back();
  }
}

Result<ports::Table> Datasets::table(const Digest& digest) {
  const auto record = TRY(find(digest));
  const auto bytes = TRY(parts_.artifacts.read(digest, kLargest));
  return parts_.tables.read(bytes, record.name);
}

Result<std::shared_ptr<void>> Datasets::keep(ByteSpan content) {
  auto held = parts_.hold_artifacts();
  const auto writer = TRY(parts_.artifacts.create());
  TRY(writer->write(content));
  TRY(writer->finish());
  return held;
}

Result<void> Datasets::note(const Author& author, const std::string& from, const std::string& to) {
  model::Event event;
  event.at = parts_.clock.wall_now();
  event.actor = author.principal;
  event.action = from.empty() ? "dataset" : "delete";
  event.subject = "data set";
  event.from = from;
  event.to = to;
  event.reason = author.reason;
  std::vector<ports::Change> changes;
  if (author.once) changes.push_back({*author.once, 0});
  return parts_.metadata.commit(changes, {event});
}

}  // namespace slipway::datasets

// /api/v1/datasets: evaluation data by digest.
#include "service/datasets/datasets.h"
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/heavy_slot.h"
#include "adapter/api_admin/json_writer.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Method;
using net::Reply;

constexpr std::uint64_t kUsualPage = 100;
constexpr std::uint64_t kLongestPage = 500;
constexpr std::size_t kPiece = 256 * 1024;

Result<datasets::Datasets*> kept(Desk& desk) {
  if (desk.parts.datasets) return desk.parts.datasets;
  return unimplemented("data sets: expected a server that keeps them, found one without a store for them");
}

void write_dataset(JsonWriter& json, const ports::DatasetRecord& record) {
  json.open('{').field("digest", "sha256:" + record.digest.hex()).field("name", record.name);
  json.field("size", record.size).field("rows", record.rows).key("columns").open('[');
  for (const std::string& column : record.columns) json.value(column);
  json.close(']').field("created_at", to_rfc3339(record.created_at)).field("created_by", record.created_by).close('}');
}

Reply dataset_reply(const ports::DatasetRecord& record, int status) {
  JsonWriter json;
  write_dataset(json, record);
  return json_reply(json.take(), status);
}

Result<datasets::Author> dataset_author(const BlockingRequest& request) {
  const auto author = TRY(author_of(request));
  return datasets::Author{author.principal, author.reason, author.once};
}

Result<Digest> digest_of(const BlockingRequest& request) {
  return parse_digest(request.parameter(0));
}

// At most as much as a data set may have: the route's limit has seen to that.
Result<std::vector<std::byte>> content_of(BlockingRequest& request) {
  std::vector<std::byte> content;
  while (true) {
    const std::size_t before = content.size();
    content.resize(before + kPiece);
    const std::size_t size = TRY(request.read_body(MutableByteSpan(content).subspan(before)));
    content.resize(before + size);
    if (size == 0) return content;
  }
}

Result<Reply> add(Desk& desk, BlockingRequest& request) {
  datasets::Datasets* const all = TRY(kept(desk));
  const auto author = TRY(dataset_author(request));
  const HeavySlot slot(desk);
  if (!slot.taken()) return busy();
  datasets::NewDataset data;
  data.name = request.query("filename");
  data.author = author;
  data.content = TRY(content_of(request));
  const auto added = TRY(all->add(data));
  return dataset_reply(added.record, added.created ? 201 : 200);
}

Result<Reply> list(Desk& desk, BlockingRequest& request) {
  datasets::Datasets* const all = TRY(kept(desk));
  const std::uint64_t limit = TRY(number_of(request, "limit", kUsualPage, kLongestPage));
  if (limit == 0) return invalid_input("?limit=: expected 1 to 500, found 0");
  std::optional<Digest> after;
  if (!request.query("after").empty()) after = TRY(parse_digest(request.query("after")));
  const auto found = TRY(all->list(after, limit));
  JsonWriter json;
  json.open('{').key("datasets").open('[');
  for (const ports::DatasetRecord& record : found) write_dataset(json, record);
  json.close(']').key("next");
  found.size() == limit ? json.value("sha256:" + found.back().digest.hex()) : json.null();
  json.close('}');
  return json_reply(json.take());
}

Result<Reply> show(Desk& desk, BlockingRequest& request) {
  datasets::Datasets* const all = TRY(kept(desk));
  return dataset_reply(TRY(all->find(TRY(digest_of(request)))), 200);
}

Result<Reply> remove(Desk& desk, BlockingRequest& request) {
  datasets::Datasets* const all = TRY(kept(desk));
  TRY(all->remove(TRY(digest_of(request)), TRY(dataset_author(request))));
  return no_content();
}

}  // namespace

void add_dataset_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using access::Permission;
  const std::string all = "/api/v1/datasets";
  const std::string one = all + "/{digest}";
  routes.push_back(route(desk, Method::Post, all, Permission::WriteRegistry, add, datasets::kLargest, net::Work::Long));
  routes.push_back(route(desk, Method::Get, all, Permission::ReadRegistry, list));
  routes.push_back(route(desk, Method::Get, one, Permission::ReadRegistry, show));
  routes.push_back(route(desk, Method::Delete, one, Permission::WriteRegistry, remove));
}

}  // namespace slipway::api_admin

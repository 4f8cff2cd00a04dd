// The artifact proxy, by which clients put and get the files of runs and logged models, and the lists of them.
#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/artifact_place.h"
#include "adapter/api_mlflow/call.h"
#include "adapter/api_mlflow/model_source.h"
#include "base/text.h"
#include "domain/training/rules.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;
using training::Kind;

constexpr std::string_view kProxy = "/api/2.0/mlflow-artifacts/artifacts";
constexpr int kTransfersAtOnce = 8;
constexpr std::string_view kTransfers = "transfers of artifacts";
constexpr std::size_t kPiece = 256 << 10;

// Of a place that is there, of the experiment that it says, and within the caller's reach.
Result<ArtifactPlace> place_of(Desk& desk, const net::BlockingRequest& request, std::string_view path) {
  auto place = parse_place(path);
  if (!place) {
    return invalid_input(
        "expected the path EXPERIMENT/RUN/artifacts/... or EXPERIMENT/models/MODEL/artifacts/..., found \"" +
        printable(path) + "\"");
  }
  if (!place->path.empty()) TRY(training::check_path(place->path));
  TRY(Reach(desk, request).expect(place->of, Use::Change));
  if (TRY(desk.parts.tracking.entry(place->of)).experiment != place->experiment) {
    return not_found("there is no \"" + printable(path) + "\": it belongs to another experiment");
  }
  return *std::move(place);
}

Result<net::Reply> put(Desk& desk, net::BlockingRequest& request) {
  const ArtifactPlace place = TRY(place_of(desk, request, request.parameter(0)));
  if (place.path.empty())
    return invalid_input("expected the path of a file, found that of the folder of all artifacts");
  const Turn transfer(desk.transfers, kTransfersAtOnce);  // of the threads that pushes and loads need too
  if (!transfer.taken()) return busy(kTransfers, kTransfersAtOnce);
  const auto upload = TRY(desk.parts.tracking.upload(place.of, place.path, request.principal().name));
  std::vector<std::byte> piece(kPiece);
  while (const std::size_t size = TRY(request.read_body(piece))) TRY(upload->write(ByteSpan(piece).first(size)));
  TRY(upload->finish());
  return net::Reply{200, "application/json", "{}", {}, {}};
}

net::Reply file_reply(std::shared_ptr<ports::Content> content) {
  net::Reply reply;
  reply.content_type = "application/octet-stream";
  reply.headers = {{"X-Content-Type-Options", "nosniff"}, {"Content-Disposition", "attachment"}};
  reply.content = std::move(content);
  return reply;
}

// What lies directly in a folder of a version.
Result<json> list_of_version(Desk& desk, const VersionPlace& place) {
  const std::string prefix = place.path.empty() ? "" : place.path + "/";
  std::map<std::string, json> items;
  for (const model::PackageFile& file : TRY(desk.parts.registry.version(place.name, place.number)).files) {
    if (!file.path.starts_with(prefix)) continue;
    const std::string rest = file.path.substr(prefix.size());
    const std::size_t slash = rest.find('/');
    json item = {{"path", rest.substr(0, slash)}, {"is_dir", slash != std::string::npos}};
    if (slash == std::string::npos) item["file_size"] = file.size;
    items.emplace(rest.substr(0, slash), std::move(item));
  }
  json files = json::array();
  for (auto& [name, item] : items) files.push_back(std::move(item));
  return json{{"files", files}};
}

Result<net::Reply> get(Desk& desk, net::BlockingRequest& request) {
  if (const auto version = parse_version_place(request.parameter(0))) {
    TRY(Reach(desk, request).expect(version->name));
    return file_reply(TRY(desk.parts.registry.file(version->name, version->number, version->path)));
  }
  const ArtifactPlace place = TRY(place_of(desk, request, request.parameter(0)));
  return file_reply(TRY(desk.parts.tracking.content(place.of, place.path)));
}

Result<net::Reply> remove(Desk& desk, net::BlockingRequest& request) {
  const ArtifactPlace place = TRY(place_of(desk, request, request.parameter(0)));
  TRY(desk.parts.tracking.remove_files(place.of, place.path));
  return net::Reply{200, "application/json", "{}", {}, {}};
}

// Clients of the proxy expect the bare names of what lies in a folder, and nothing for a file.
Result<net::Reply> list(Desk& desk, net::BlockingRequest& request) {
  if (const auto version = parse_version_place(request.query("path"))) {
    TRY(Reach(desk, request).expect(version->name));
    return net::Reply{200, "application/json", TRY(list_of_version(desk, *version)).dump(), {}, {}};
  }
  const ArtifactPlace place = TRY(place_of(desk, request, request.query("path")));
  json files = json::array();
  for (const tracking::Listed& item : TRY(desk.parts.tracking.list(place.of, place.path))) {
    if (item.file.path == place.path) continue;
    json file = {{"path", item.file.path.substr(item.file.path.rfind('/') + 1)}, {"is_dir", item.is_folder}};
    if (!item.is_folder) file["file_size"] = item.file.size;
    files.push_back(std::move(file));
  }
  return net::Reply{200, "application/json", json{{"files", files}}.dump(), {}, {}};
}

using Transferred = Result<net::Reply> (*)(Desk& desk, net::BlockingRequest& request);

net::Route proxy_route(const DeskPointer& desk, net::Method method, std::string pattern, access::Permission permission,
                       Transferred answer, Bytes body_limit, net::Work work) {
  const net::BlockingHandler handler = [desk, answer](net::BlockingRequest& request) {
    auto reply = answer(*desk, request);
    return reply.ok() ? std::move(reply).value() : failure(reply.error());
  };
  net::Route made(method, std::move(pattern), permission, handler, body_limit, work);
  made.error_body = error_text;
  return within_limits(std::move(made));
}

// Under MLflow's other prefix: whole paths, from the topmost folder on.
Result<json> listed(Call& call, const training::EntryKey& of) {
  TRY(call.reach().expect(of, Use::Look));
  const training::Entry entry = TRY(call.tracking().entry(of));
  const std::string folder = TRY(call.fields.text_or("path", ""));
  json files = json::array();
  for (const tracking::Listed& item : TRY(call.tracking().list(of, folder))) {
    if (item.file.path == folder) continue;
    json file = {{"path", item.file.path}, {"is_dir", item.is_folder}};
    if (!item.is_folder) file["file_size"] = item.file.size;
    files.push_back(std::move(file));
  }
  return json{{"root_uri", artifact_uri(entry)}, {"files", files}};
}

Result<json> list_of_run(Call& call) {
  const std::string id = TRY(call.fields.text_or("run_id", ""));
  return listed(call, {Kind::Run, id.empty() ? TRY(call.fields.required("run_uuid")) : id});
}
Result<json> list_of_model(Call& call) {
  return listed(call, {Kind::Model, std::string(call.request.parameter(0))});
}

}  // namespace

void add_artifact_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  using net::Method;
  using net::Work;
  constexpr auto kRead = access::Permission::ReadRegistry;
  constexpr auto kWrite = access::Permission::WriteRegistry;
  const std::string proxy(kProxy);
  const std::string file = proxy + "/{path...}";
  const Bytes none = kibibytes(64);
  routes.push_back(proxy_route(desk, Method::Get, proxy, kRead, list, none, Work::Short));
  routes.push_back(proxy_route(desk, Method::Get, file, kRead, get, none, Work::Long));
  routes.push_back(proxy_route(desk, Method::Put, file, kWrite, put, desk->parts.upload_limit, Work::Long));
  routes.push_back(proxy_route(desk, Method::Delete, file, kWrite, remove, none, Work::Short));
  routes.push_back(within_limits(route(desk, Method::Get, "artifacts/list", kRead, list_of_run)));
  routes.push_back(
      within_limits(route(desk, Method::Get, "logged-models/{model_id}/artifacts/directories", kRead, list_of_model)));
}

}  // namespace slipway::api_mlflow

#include "admin/admin_house.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <span>

#include "base/invariant.h"

namespace slipway::admin_scenarios {
namespace {

class ScriptedRequest final : public net::BlockingRequest {
 public:
  explicit ScriptedRequest(const Call& call) : call_(call) { principal_.scope = call.scope; }
  net::Method method() const override { return call_.method; }
  std::string_view path() const override { return call_.pattern; }
  std::string_view query(std::string_view key) const override { return in(call_.query, key); }
  std::string_view header(std::string_view name) const override { return in(call_.headers, name); }
  std::string_view parameter(std::size_t index) const override { return call_.parameters.at(index); }
  const access::Principal& principal() const override { return principal_; }
  std::string_view request_id() const override { return "r-1"; }
  Result<std::size_t> read_body(MutableByteSpan into) override {
    const std::size_t size = std::min({into.size(), call_.body.size() - read_, std::size_t{7}});
    if (size == 0 && call_.breaks_with) return *call_.breaks_with;
    std::memcpy(into.data(), call_.body.data() + read_, size);
    read_ += size;
    return size;
  }
  Result<std::string> read_all(Bytes limit) override {
    if (call_.body.size() > limit.count) return invalid_input("the body is over the limit");
    return call_.body;
  }

 private:
  static std::string_view in(const std::map<std::string, std::string>& map, std::string_view key) {
    const auto found = map.find(std::string(key));
    return found == map.end() ? std::string_view() : std::string_view(found->second);
  }
  const Call& call_;
  std::size_t read_ = 0;
  access::Principal principal_{"eva", access::Role::Admin, true};
};

constexpr double kAuc = 0.75;

}  // namespace

Result<ports::OpenedPackage> UploadedPackages::open(const std::string& path, std::string_view filename,
                                                    ports::ArtifactShelf& store) {
  last_path = path;
  if (fails_with) return *fails_with;
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  ports::OpenedPackage opened = TRY(scripted_.open(text, filename, store));
  opened.manifest.lineage.metrics["auc"] = kAuc;
  return opened;
}

Result<model::Manifest> UploadedPackages::read_manifest(std::string_view) {
  model::Manifest manifest{.name = "fraud", .format = "onnx", .main_file = "model.onnx"};
  manifest.signature.inputs.push_back(
      {.name = "x", .datatype = tensor::DataType::FP32, .shape = {-1, 2}, .features = {"age", "in\ncome"}});
  manifest.labels["owner"] = "eva";
  manifest.lineage.metrics["auc"] = kAuc;
  return manifest;
}

ports::Lane& ScriptedPredictor::lane(std::size_t) {
  invariant(false, "the admin API asks no lane");
  __builtin_unreachable();
}
Result<std::shared_ptr<const ports::ServedModel>> ScriptedPredictor::find(std::string_view,
                                                                          std::optional<model::VersionNumber>,
                                                                          ports::Numbering) const {
  return not_found("not served");
}
Result<std::vector<ports::ModelStatistics>> ScriptedPredictor::statistics(std::string_view,
                                                                          std::optional<model::VersionNumber>,
                                                                          ports::Numbering) const {
  return not_found("not served");
}

void AdminHouse::SetUp() {
  std::string pattern = (std::filesystem::temp_directory_path() / "slipway-admin-XXXXXX").string();
  folder = ::mkdtemp(pattern.data());
  registry = std::make_unique<registry::Registry>(registry::Registry::Parts{.metadata = metadata,
                                                                            .artifacts = artifacts,
                                                                            .packages = uploads,
                                                                            .probe = probe,
                                                                            .clock = clock,
                                                                            .log = log,
                                                                            .desired_changed = [] {},
                                                                            .tokens_changed = [] {}});
  ASSERT_TRUE(api_admin::prepare_uploads(folder + "/uploads").ok());
  routes = api_admin::routes({.registry = *registry,
                              .packages = uploads,
                              .predictor = predictor,
                              .clock = clock,
                              .log = log,
                              .environment = "production",
                              .version = "0.1.0",
                              .uploads = folder + "/uploads",
                              .feedback = &feedback});
}

void AdminHouse::TearDown() {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

Answered AdminHouse::call(const Call& what) {
  const auto route = std::find_if(routes.begin(), routes.end(), [&](const net::Route& one) {
    return one.method == what.method && one.pattern == what.pattern;
  });
  EXPECT_NE(route, routes.end()) << what.pattern;
  if (route == routes.end()) return {};
  ScriptedRequest request(what);
  net::Reply reply = std::get<net::BlockingHandler>(route->handler)(request);
  if (reply.content) {
    reply.body.resize(reply.content->size());
    EXPECT_EQ(reply.content->read(std::as_writable_bytes(std::span(reply.body))).value(), reply.body.size());
    return {reply.status, reply.body, {reply.headers.begin(), reply.headers.end()}};
  }
  EXPECT_EQ(OpenApi::document().fault_in(what.method, what.pattern, reply.status, reply.body), "") << reply.body;
  return {reply.status, reply.body, {reply.headers.begin(), reply.headers.end()}};
}

Answered AdminHouse::get(const std::string& pattern, std::vector<std::string> parameters,
                         std::map<std::string, std::string> query) {
  return call(
      {.method = net::Method::Get, .pattern = pattern, .parameters = std::move(parameters), .query = std::move(query)});
}
Answered AdminHouse::put(const std::string& pattern, std::vector<std::string> parameters, const std::string& body) {
  return call({.method = net::Method::Put, .pattern = pattern, .parameters = std::move(parameters), .body = body});
}
Answered AdminHouse::post(const std::string& pattern, std::vector<std::string> parameters, const std::string& body) {
  return call({.method = net::Method::Post, .pattern = pattern, .parameters = std::move(parameters), .body = body});
}
Answered AdminHouse::remove(const std::string& pattern, std::vector<std::string> parameters) {
  return call({.method = net::Method::Delete, .pattern = pattern, .parameters = std::move(parameters)});
}
Answered AdminHouse::push_upload(const std::string& package, std::map<std::string, std::string> query,
                                 std::map<std::string, std::string> headers) {
  return call({.method = net::Method::Post,
               .pattern = "/api/v1/packages",
               .body = package,
               .query = std::move(query),
               .headers = std::move(headers)});
}

std::size_t AdminHouse::leftovers() const {
  const std::filesystem::directory_iterator entries(folder + "/uploads");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

}  // namespace slipway::admin_scenarios

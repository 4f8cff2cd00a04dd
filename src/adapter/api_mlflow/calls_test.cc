// Calls that are refused leave nothing behind.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "adapter/api_mlflow/api_mlflow.h"
#include "adapter/store_memory/memory_tracking.h"
#include "adapter/store_memory/test_registry.h"

namespace slipway::api_mlflow {
namespace {

using nlohmann::json;
using training::Kind;

class BodyRequest final : public net::BlockingRequest {
 public:
  BodyRequest(net::Method method, std::string_view path, std::string body)
      : method_(method), path_(path), body_(std::move(body)) {}
  net::Method method() const override { return method_; }
  std::string_view path() const override { return path_; }
  std::string_view query(std::string_view key) const override {
    const auto found = queries_.find(key);
    return found == queries_.end() ? "" : std::string_view(found->second);
  }
  std::string_view header(std::string_view) const override { return ""; }
  std::string_view parameter(std::size_t) const override { return ""; }
  const access::Principal& principal() const override { return principal_; }
  std::string_view request_id() const override { return "0123456789abcdef"; }
  Result<std::size_t> read_body(MutableByteSpan) override { return std::size_t{0}; }
  Result<std::string> read_all(Bytes) override { return body_; }

  std::map<std::string, std::string, std::less<>> queries_;

 private:
  const net::Method method_;
  const std::string path_, body_;
  const access::Principal principal_{.name = "eva"};
};

class CallsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(tracking_.ensure_default_experiment().ok());
    tracking::NewEntry asked;
    asked.experiment = tracking::kDefaultExperiment;
    asked.name = "before";
    run_ = tracking_.create(asked).value().key;
  }
  int status(net::Method method, std::string_view name, const json& body) {
    BodyRequest request(method, name, body.dump());
    if (method == net::Method::Get) {
      for (const auto& [key, value] : body.items()) request.queries_[key] = value.get<std::string>();
    }
    for (const net::Route& route : routes_) {
      if (route.method != method || route.pattern != "/api/2.0/mlflow/" + std::string(name)) continue;
      return std::get<net::BlockingHandler>(route.handler)(request).status;
    }
    return 0;
  }
  int post(std::string_view name, json body) {
    body["run_id"] = run_.id;
    return status(net::Method::Post, name, body);
  }
  training::Entry kept() { return tracking_.entry(run_).value(); }

  store_memory::test::TestRegistry house_;
  store_memory::MemoryTracking store_;
  tracking::Tracking tracking_{{store_, house_.artifacts, house_.clock, [] { return std::shared_ptr<void>(); },
                                [] { return std::shared_ptr<void>(); }}};
  std::vector<net::Route> routes_ = routes({tracking_, house_.registry, house_.artifacts});
  training::EntryKey run_;
};

TEST_F(CallsTest, a_version_that_is_served_keeps_its_aliases_when_its_deletion_is_refused) {
  const registry::Author eva{"eva", ""};
  const auto name = model::ModelName::parse("fraud").value();
  const auto champion = model::Alias::parse("champion").value();
  const auto pushed = house_.registry.push({.upload = "absent", .filename = "m.tar", .model = "fraud"}, eva);
  ASSERT_TRUE(pushed.ok()) << pushed.error().message;
  ASSERT_TRUE(house_.registry.set_alias(name, champion, 1, std::nullopt, eva).ok());
  ASSERT_TRUE(house_.registry.deploy("production", name, model::TrafficSplit::all_to(1), {}, eva).ok());
  const json body = {{"name", "fraud"}, {"version", "1"}};
  EXPECT_EQ(status(net::Method::Delete, "model-versions/delete", body), 409);
  EXPECT_EQ(house_.registry.resolve({name, champion}).value(), 1U);
}

TEST_F(CallsTest, a_model_is_renamed_unless_the_name_is_taken_or_clients_ask_for_it) {
  const registry::Author eva{"eva", ""};
  for (const char* model : {"fraud", "risk"}) {
    ASSERT_TRUE(house_.registry.push({.upload = "absent", .filename = "m.tar", .model = model}, eva).ok());
  }
  const auto renamed = [&](const std::string& to) {
    const json body = {{"name", "fraud"}, {"new_name", to}};
    BodyRequest request(net::Method::Post, "", body.dump());
    for (const net::Route& route : routes_) {
      if (route.pattern != "/api/2.0/mlflow/registered-models/rename") continue;
      const auto reply = std::get<net::BlockingHandler>(route.handler)(request);
      const auto said = json::parse(reply.body);
      return std::to_string(reply.status) + " " +
             (reply.status == 200 ? said["registered_model"]["name"] : said["error_code"]).get<std::string>();
    }
    return std::string();
  };
  EXPECT_EQ(renamed("risk"), "400 RESOURCE_ALREADY_EXISTS");
  EXPECT_EQ(renamed("a/b"), "400 INVALID_PARAMETER_VALUE");
  const auto name = model::ModelName::parse("fraud").value();
  ASSERT_TRUE(house_.registry.deploy("production", name, model::TrafficSplit::all_to(1), {}, eva).ok());
  EXPECT_EQ(renamed("fraud eu"), "409 RESOURCE_CONFLICT");
  ASSERT_TRUE(house_.registry.undeploy("production", name, eva).ok());
  EXPECT_EQ(renamed("fraud eu"), "200 fraud eu");
  EXPECT_EQ(renamed("fraud eu"), "404 RESOURCE_DOES_NOT_EXIST");
}

TEST_F(CallsTest, metrics_of_a_model_that_is_not_there_are_not_kept_with_the_run) {
  const json metric = {{"key", "loss"}, {"value", 1.5}, {"model_id", "m-" + std::string(32, '0')}};
  EXPECT_EQ(post("runs/log-batch", {{"metrics", {metric}}}), 404);
  EXPECT_EQ(post("runs/log-metric", metric), 404);
  EXPECT_TRUE(kept().metrics.empty());
}

TEST_F(CallsTest, a_name_that_is_refused_is_not_kept_as_a_tag) {
  EXPECT_EQ(post("runs/set-tag", {{"key", "mlflow.runName"}, {"value", "a\u0001b"}}), 400);
  EXPECT_TRUE(kept().tags.empty());
  EXPECT_EQ(post("runs/set-tag", {{"key", "mlflow.runName"}, {"value", "after"}}), 200);
  EXPECT_EQ(kept().name, "after");
  EXPECT_EQ(kept().tags.at("mlflow.runName"), "after");
}

TEST_F(CallsTest, each_model_that_is_logged_joins_the_list) {
  EXPECT_EQ(post("runs/log-model", {{"model_json", R"({"artifact_path":"a"})"}}), 200);
  EXPECT_EQ(post("runs/log-model", {{"model_json", R"({"artifact_path":"b"})"}}), 200);
  EXPECT_EQ(json::parse(kept().tags.at("mlflow.log-model.history")).size(), 2U);
}

TEST_F(CallsTest, a_run_is_its_makers_whatever_user_a_client_says) {
  EXPECT_EQ(status(net::Method::Post, "runs/create",
                   {{"experiment_id", "0"}, {"run_name", "of mallory"}, {"user_id", "mallory"}}),
            200);
  tracking::SearchRequest asked;
  asked.filter = "run_name = 'of mallory'";
  const auto found = tracking_.search(asked).value().entries;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].owner, "eva");
  EXPECT_EQ(found[0].tags.at("mlflow.user"), "mallory");
}

TEST_F(CallsTest, who_made_a_run_and_put_its_files_there_made_the_version) {
  tracking::NewEntry asked;
  asked.experiment = tracking::kDefaultExperiment;
  asked.owner = "ida";
  const auto run = tracking_.create(asked).value().key;
  const auto upload = tracking_.upload(run, "model/model.onnx", "max").value();
  ASSERT_TRUE(upload->write(as_bytes("weights")).ok());
  ASSERT_TRUE(upload->finish().ok());
  const auto name = model::ModelName::parse("fraud").value();
  ASSERT_TRUE(house_.registry.create_model(name, {}, {"eva", ""}).ok());
  const auto registered = [&](const std::string& source) {
    return status(net::Method::Post, "model-versions/create", {{"name", "fraud"}, {"source", source}});
  };
  ASSERT_EQ(registered("runs:/" + run.id + "/model"), 200);
  EXPECT_EQ(house_.registry.version(name, 1).value().makers, (std::vector<std::string>{"ida", "max"}));
  ASSERT_EQ(registered("models:/fraud/1"), 200);
  EXPECT_EQ(house_.registry.version(name, 2).value().makers, (std::vector<std::string>{"ida", "max"}));
}

TEST_F(CallsTest, links_are_not_a_clients_to_set_or_delete) {
  const json tag = {{"key", "slipway.link.output.m-1"}, {"value", "1"}};
  EXPECT_EQ(post("runs/set-tag", tag), 400);
  EXPECT_EQ(post("runs/delete-tag", tag), 400);
  EXPECT_EQ(post("runs/log-batch", {{"tags", {tag}}}), 400);
  EXPECT_EQ(status(net::Method::Post, "runs/create", {{"experiment_id", "0"}, {"tags", {tag}}}), 400);
  EXPECT_TRUE(kept().tags.empty());
}

TEST_F(CallsTest, the_history_of_a_run_that_is_not_there_is_not_found) {
  const json asked = {{"run_id", std::string(32, 'a')}, {"metric_key", "loss"}};
  EXPECT_EQ(status(net::Method::Get, "metrics/get-history", asked), 404);
}

}  // namespace
}  // namespace slipway::api_mlflow

#include "adapter/api_mlflow/artifact_place.h"

#include <gtest/gtest.h>

#include "adapter/api_mlflow/model_source.h"

namespace slipway::api_mlflow {
namespace {

using training::Kind;

const std::string kRun(32, 'a');

TEST(ArtifactPlace, a_path_of_the_proxy_names_a_run_or_a_logged_model) {
  const auto run = parse_place("7/" + kRun + "/artifacts/model/MLmodel").value();
  EXPECT_EQ(run.experiment, "7");
  EXPECT_EQ(run.of, (training::EntryKey{Kind::Run, kRun}));
  EXPECT_EQ(run.path, "model/MLmodel");
  const auto model = parse_place("7/models/m-" + kRun + "/artifacts").value();
  EXPECT_EQ(model.of, (training::EntryKey{Kind::Model, "m-" + kRun}));
  EXPECT_EQ(model.path, "");
}

TEST(ArtifactPlace, every_other_path_names_nothing) {
  for (const std::string& path :
       {std::string(), std::string("7"), "7/" + kRun, "7/" + kRun + "/files/x", "x/" + kRun + "/artifacts",
        std::string("7/../artifacts/x"), "7/models/" + kRun + "/artifacts", "../7/" + kRun + "/artifacts",
        "/7/" + kRun + "/artifacts"}) {
    EXPECT_FALSE(parse_place(path)) << path;
  }
}

TEST(ArtifactPlace, a_uri_reads_back_to_its_place) {
  for (const Kind kind : {Kind::Run, Kind::Model}) {
    training::Entry entry;
    entry.key = {kind, kind == Kind::Run ? kRun : "m-" + kRun};
    entry.experiment = "12";
    const auto place = parse_place(proxied_path_of(artifact_uri(entry)).value()).value();
    EXPECT_EQ(place.of, entry.key);
    EXPECT_EQ(place.experiment, "12");
  }
}

TEST(ArtifactPlace, only_uris_without_a_host_are_of_this_server) {
  for (const std::string_view uri :
       {"mlflow-artifacts://host/7/x", "http://host/7", "file:///7", "/7", "mlflow-artifacts:7", ""}) {
    EXPECT_FALSE(proxied_path_of(uri)) << uri;
  }
}

TEST(VersionPlace, the_uri_of_a_version_reads_back_whatever_its_name) {
  for (const std::string_view text : {"fraud", "a b", "50% + größe?", "."}) {
    const auto name = model::ModelName::parse(text).value();
    const std::string uri = version_uri(name, 12);
    const auto place = parse_version_place(proxied_path_of(uri).value()).value();
    EXPECT_EQ(place.name, name);
    EXPECT_EQ(place.number, 12U);
    EXPECT_EQ(place.path, "");
  }
}

TEST(VersionPlace, what_is_no_place_of_a_version_is_none) {
  for (const std::string_view path :
       {"versions/", "versions/zz/1", "versions/61/0", "versions/61", "versions/6/1", "versions/2f/1", "models/61/1"}) {
    EXPECT_FALSE(parse_version_place(path)) << path;
  }
  EXPECT_EQ(parse_version_place("versions/61/1/model/x").value().path, "model/x");
}

}  // namespace
}  // namespace slipway::api_mlflow

// api/schema/manifest.schema.json and the reader know the same keys.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "adapter/package_reader/declared_manifest.h"
#include "adapter/package_reader/manifest_writer.h"

namespace slipway::package_reader {
namespace {

using Keys = std::set<std::string>;

const nlohmann::json& schema() {
  static const nlohmann::json parsed = [] {
    std::ifstream file(std::string(SLIPWAY_SCHEMAS).append("/manifest.schema.json"));
    return nlohmann::json::parse(file);
  }();
  return parsed;
}

Keys schema_keys(const std::string& pointer) {
  Keys keys;
  const auto& properties = schema().at(nlohmann::json::json_pointer(pointer));
  for (const auto& [key, value] : properties.items()) keys.insert(key);
  return keys;
}

// The reader lists what it knows when it meets a key that is like none of them.
Keys reader_keys(std::string_view yaml) {
  const auto declared = parse_manifest(yaml);
  auto message = declared.ok() ? complete(*declared, nullptr).error().message : declared.error().message;
  Keys keys;
  const std::size_t list = message.find("known: ");
  EXPECT_NE(list, std::string::npos) << message;
  for (std::size_t at = list + 7; list != std::string::npos && at < message.size();) {
    const std::size_t comma = std::min(message.find(", ", at), message.size());
    keys.insert(message.substr(at, comma - at));
    at = comma + 2;
  }
  return keys;
}

TEST(ManifestSchema, lists_the_keys_the_reader_knows) {
  EXPECT_EQ(reader_keys("qqqqqqqqq: 1"), schema_keys("/properties"));
  EXPECT_EQ(reader_keys("files: {qqqqqqqqq: 1}"), schema_keys("/properties/files/properties"));
  EXPECT_EQ(reader_keys("inputs: [{qqqqqqqqq: 1}]"), schema_keys("/$defs/tensor/properties"));
  EXPECT_EQ(reader_keys("batching: {qqqqqqqqq: 1}"), schema_keys("/properties/batching/properties"));
  EXPECT_EQ(reader_keys("limits: {qqqqqqqqq: 1}"), schema_keys("/properties/limits/properties"));
  EXPECT_EQ(reader_keys("warmup: {qqqqqqqqq: 1}"), schema_keys("/properties/warmup/properties"));
  EXPECT_EQ(reader_keys("lineage: {qqqqqqqqq: 1}"), schema_keys("/properties/lineage/properties"));
  EXPECT_EQ(reader_keys("format: echo\noutputs: [{name: x, datatype: FP32, shape: [1]}]\ngolden: [{qqqqqqqqq: 1}]"),
            schema_keys("/properties/golden/items/properties"));
}

TEST(ManifestSchema, lists_the_datatypes_of_the_protocol) {
  for (const auto& name : schema().at("/$defs/tensor/properties/datatype/enum"_json_pointer)) {
    EXPECT_TRUE(tensor::parse_data_type(name.get<std::string>())) << name;
  }
  EXPECT_EQ(schema().at("/$defs/tensor/properties/datatype/enum"_json_pointer).size(), 14U);
}

TEST(ManifestSchema, gives_the_defaults_of_the_reader) {
  const model::Manifest defaults;
  const auto& properties = schema().at("properties");
  EXPECT_EQ(properties["batching"]["properties"]["max_batch"]["default"], defaults.batching.max_batch);
  EXPECT_EQ(properties["batching"]["properties"]["enabled"]["default"], defaults.batching.enabled);
  EXPECT_EQ(properties["instances"]["default"], defaults.instances);
  EXPECT_EQ(properties["limits"]["properties"]["memory"]["default"], to_string(defaults.limits.memory));
  EXPECT_EQ(properties["limits"]["properties"]["timeout"]["default"], to_string(defaults.limits.timeout));
  EXPECT_EQ(properties["warmup"]["properties"]["runs"]["default"], defaults.warmup_runs);
  EXPECT_EQ(properties["golden"]["items"]["properties"]["tolerance"]["default"], model::GoldenExample().tolerance);
}

}  // namespace
}  // namespace slipway::package_reader

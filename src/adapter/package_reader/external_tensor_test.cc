// Every place of an ONNX file where external data can be, against every way to reach outside the package with it.
#include <gtest/gtest.h>

#include <functional>

#include "adapter/package_reader/test_archives.h"
#include "adapter/package_reader/test_onnx.h"
#include "adapter/package_reader/test_upload.h"

namespace slipway::package_reader {
namespace {

using test::ExternalKey;
using test::Proto;
using test::Tar;

using Keys = std::vector<ExternalKey>;

constexpr std::size_t kCount = 4;
const std::string kWeights(64, 'w');

Proto external(int type, const Keys& keys) {
  return test::external_tensor("w", type, kCount, keys);
}
Proto constant(const Keys& keys) {
  return test::node("Constant", "", {Proto().text(1, "value").message(5, external(test::kFloat, keys))});
}
Proto with_graph(const Proto& rest) {
  return test::onnx_model(test::graph(rest));
}

struct Place {
  std::string name;
  std::size_t element_size;
  std::function<Proto(const Keys&)> model;
};

const std::vector<Place>& places() {
  static const std::vector<Place> all = {
      {"dense initializer", 4,
       [](const Keys& keys) { return with_graph(Proto().message(5, external(test::kFloat, keys))); }},
      {"sparse values", 4,
       [](const Keys& keys) {
         const Proto sparse = Proto()
                                  .message(1, external(test::kFloat, keys))
                                  .message(2, test::inline_tensor("", test::kInt64, kCount))
                                  .number(3, 16);
         return with_graph(Proto().message(15, sparse));
       }},
      {"sparse indices", 8,
       [](const Keys& keys) {
         const Proto sparse = Proto()
                                  .message(1, test::inline_tensor("w", test::kFloat, kCount))
                                  .message(2, external(test::kInt64, keys))
                                  .number(3, 16);
         return with_graph(Proto().message(15, sparse));
       }},
      {"Constant attribute", 4, [](const Keys& keys) { return with_graph(Proto().message(1, constant(keys))); }},
      {"sub-graph", 4,
       [](const Keys& keys) {
         const Proto branch = test::graph(Proto().message(5, external(test::kFloat, keys)));
         return with_graph(
             Proto().message(1, test::node("If", "", {Proto().text(1, "then_branch").message(6, branch)})));
       }},
      {"function", 4,
       [](const Keys& keys) {
         const Proto function =
             Proto().text(1, "f").text(4, "x").text(5, "y").message(7, constant(keys)).text(10, "local");
         return test::onnx_model(test::graph(Proto().message(1, test::node("f", "local"))),
                                 Proto().message(25, function));
       }},
  };
  return all;
}

// How the file the model names comes into the package.
Tar with_weights(const Proto& model) {
  return Tar().file("model.onnx", model.bytes()).file("weights.bin", kWeights);
}
Tar with_special(const Proto& model, char type, std::string_view target) {
  return Tar().file("model.onnx", model.bytes()).entry("weights.bin", "", type, target);
}

struct Attack {
  std::string name;
  std::string reason;  // a part of the message
  std::function<Tar(const Place&)> package;
};

std::function<Tar(const Place&)> keys(Keys attack) {
  return [attack](const Place& place) { return with_weights(place.model(attack)); };
}
std::function<Tar(const Place&)> special(char type, std::string_view target) {
  return [type, target](const Place& place) {
    return with_special(place.model({{"location", "weights.bin"}}), type, target);
  };
}

const std::vector<Attack>& attacks() {
  static const std::vector<Attack> all = {
      {"..", "has a part \"..\"", keys({{"location", "../weights.bin"}})},
      {"absolute", "is absolute", keys({{"location", "/etc/passwd"}})},
      {"in-memory marker", "address in memory",
       keys({{"location", "*/_ORT_MEM_ADDR_/*"}, {"offset", "4096"}, {"length", "16"}})},
      {"duplicate key", "\"location\" twice", keys({{"location", "weights.bin"}, {"location", "../secret"}})},
      {"negative offset", "offset \"-8\"", keys({{"location", "weights.bin"}, {"offset", "-8"}})},
      {"huge length", "length of 1125899906842624",
       keys({{"location", "weights.bin"}, {"length", "1125899906842624"}})},
      {"symbolic link", "it is a link", special('2', "/etc/passwd")},
      {"hard link", "it is a link", special('1', "/etc/passwd")},
      {"FIFO", "special file", special('6', "")},
      {"linked parent", "it is a link",
       [](const Place& place) {
         return Tar()
             .file("model.onnx", place.model({{"location", "folder/weights.bin"}}).bytes())
             .entry("folder", "", '2', "/etc")
             .file("folder/weights.bin", kWeights);
       }},
      {"swapped after the check", "it is there twice",
       [](const Place& place) {
         return with_weights(place.model({{"location", "weights.bin"}})).file("weights.bin", std::string(64, 'x'));
       }},
  };
  return all;
}

TEST(ExternalData, inside_the_package_is_accepted_everywhere) {
  for (const Place& place : places()) {
    const std::string length = std::to_string(kCount * place.element_size);
    const Tar tar = with_weights(place.model({{"location", "weights.bin"}, {"offset", "8"}, {"length", length}}));
    const auto opened = test::Upload().open(tar.bytes());
    EXPECT_TRUE(opened.ok()) << place.name << ": " << opened.error().message;
  }
}

TEST(ExternalData, every_way_out_of_the_package_is_refused_in_every_place) {
  std::size_t refused = 0;
  for (const Place& place : places()) {
    for (const Attack& attack : attacks()) {
      const auto opened = test::Upload().open(attack.package(place).bytes());
      ASSERT_FALSE(opened.ok()) << place.name << ", " << attack.name;
      EXPECT_EQ(opened.error().code, ErrorCode::InvalidInput) << opened.error().message;
      EXPECT_NE(opened.error().message.find(attack.reason), std::string::npos)
          << attack.name << ": " << opened.error().message;
      ++refused;
    }
  }
  EXPECT_EQ(refused, 66U);
}

TEST(ExternalData, further_oddities_are_refused) {
  const Keys odd[] = {
      {},
      {{"offset", "0"}},
      {{"location", ""}},
      {{"location", "./weights.bin"}},
      {{"location", "weights.bin/"}},
      {{"location", "a\\..\\weights.bin"}},
      {{"location", std::string_view("weights.bin\0x", 13)}},
      {{"location", "other.bin"}},
      {{"location", "weights.bin"}, {"basepath", "/"}},
      {{"location", "weights.bin"}, {"prepacked_0", "x"}},
      {{"location", "weights.bin"}, {"offset", "0x10"}},
      {{"location", "weights.bin"}, {"offset", ""}},
      {{"location", "weights.bin"}, {"offset", "18446744073709551615"}},
      {{"location", "weights.bin"}, {"offset", "49"}},
      {{"location", "weights.bin"}, {"length", "15"}},
  };
  for (const Keys& keys : odd) {
    const auto opened = test::Upload().open(with_weights(places()[0].model(keys)).bytes());
    EXPECT_FALSE(opened.ok()) << (keys.empty() ? "none" : std::string(keys.back().value));
  }
}

TEST(ExternalData, the_message_names_model_tensor_and_file) {
  const auto opened =
      test::Upload().open(with_weights(places()[0].model({{"location", "other.bin"}})).bytes(), "p.tar");
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().message,
            "p.tar: model.onnx: tensor \"w\": its external data lie in \"other.bin\", which is not in the package");
}

TEST(ExternalData, artifacts_that_change_after_the_check_are_noticed_by_their_digest) {
  test::Upload upload;
  const auto opened = upload.open(with_weights(places()[0].model({{"location", "weights.bin"}})).bytes());
  ASSERT_TRUE(opened.ok());
  const auto weights = std::ranges::find(opened->files, "weights.bin", &model::PackageFile::path);
  ASSERT_NE(weights, opened->files.end());
  upload.store().damage(weights->digest);
  EXPECT_EQ(upload.store().read(weights->digest, mebibytes(1)).error().code, ErrorCode::Corrupt);
}

}  // namespace
}  // namespace slipway::package_reader

// The admin API over a registry in memory, and short words to call it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapter/api_admin/api_admin.h"
#include "adapter/log_memory/memory_prediction_log.h"
#include "admin/openapi.h"
#include "registry/house.h"

namespace slipway::admin_scenarios {

struct Call {
  net::Method method = net::Method::Get;
  std::string pattern;  // of the route
  std::vector<std::string> parameters = {};
  std::string body = {};
  std::map<std::string, std::string> query = {};
  std::map<std::string, std::string> headers = {};
  std::optional<Error> breaks_with = {};                 // what reading the body ends in
  std::shared_ptr<const access::Scope> scope = nullptr;  // what the caller is limited to
};

struct Answered {
  int status;
  std::string body;
  std::map<std::string, std::string> headers;
};

// Reads an upload "NAME|CONTENT" from its file.
class UploadedPackages final : public ports::PackageReader {
 public:
  Result<ports::OpenedPackage> open(const std::string& path, std::string_view filename,
                                    ports::ArtifactShelf& store) override;
  Result<ports::OpenedPackage> take(ports::ArrivingPackage& package, std::string_view filename,
                                    ports::ArtifactShelf& store) override {
    return refuses_unread ? *refuses_unread : PackageReader::take(package, filename, store);
  }
  Result<model::Manifest> read_manifest(std::string_view yaml) override;
  std::string last_path;
  std::optional<Error> fails_with;
  std::optional<Error> refuses_unread;

 private:
  registry_scenarios::ScriptedPackages scripted_;
};

// Serves what the test says.
class ScriptedPredictor final : public ports::Predictor {
 public:
  ports::Lane& lane(std::size_t loop) override;
  Result<std::shared_ptr<const ports::ServedModel>> find(std::string_view, std::optional<model::VersionNumber>,
                                                         ports::Numbering) const override;
  std::vector<model::VersionNumber> served_versions(std::string_view, ports::Numbering) const override { return {}; }
  std::vector<ports::ServedState> index() const override { return states; }
  Result<std::vector<ports::ModelStatistics>> statistics(std::string_view, std::optional<model::VersionNumber>,
                                                         ports::Numbering) const override;
  bool is_ready() const override { return ready; }

  std::vector<ports::ServedState> states;
  bool ready = true;
};

// Every answer is held against api/openapi.yaml.
class AdminHouse : public registry_scenarios::House {
 protected:
  void SetUp() override;
  void TearDown() override;

  Answered call(const Call& what);
  Answered get(const std::string& pattern, std::vector<std::string> parameters = {},
               std::map<std::string, std::string> query = {});
  Answered put(const std::string& pattern, std::vector<std::string> parameters, const std::string& body);
  Answered post(const std::string& pattern, std::vector<std::string> parameters, const std::string& body);
  Answered remove(const std::string& pattern, std::vector<std::string> parameters);
  Answered push_upload(const std::string& package, std::map<std::string, std::string> query = {},
                       std::map<std::string, std::string> headers = {});
  // Files in the uploads folder now.
  std::size_t leftovers() const;

  UploadedPackages uploads;
  ScriptedPredictor predictor;
  log_memory::MemoryPredictionLog predictions;
  feedback::Feedback feedback{{predictions, clock, "production", std::chrono::hours(48), nullptr}};
  std::string folder;
  std::vector<net::Route> routes;
};

}  // namespace slipway::admin_scenarios

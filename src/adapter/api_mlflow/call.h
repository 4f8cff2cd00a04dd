// How the routes of this room are written: a function per call, its Result turned into MLflow's form of answer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/api_mlflow/api_mlflow.h"
#include "adapter/api_mlflow/fields.h"
#include "adapter/api_mlflow/reach.h"

namespace slipway::api_mlflow {

// What all routes share.
struct Desk {
  explicit Desk(const MlflowParts& parts_) : parts(parts_) {}
  MlflowParts parts;
  std::atomic<int> transfers{0};  // of artifacts to here, under way
  std::atomic<int> searches{0};   // of runs and logged models, under way
};
using DeskPointer = std::shared_ptr<Desk>;

// What a Conflict is called: MLflow's clients tell by it whether a name is taken.
enum class Conflicts : std::uint8_t { AreResourceConflict, AreAlreadyExists };

// A call as its function sees it. Borrows the request.
struct Call {
  Desk& desk;
  net::BlockingRequest& request;
  Fields fields;  // of the body, or of the query of a GET
  Conflicts conflicts;

  tracking::Tracking& tracking() const { return desk.parts.tracking; }
  registry::Registry& registry() const { return desk.parts.registry; }
  registry::Author author() const { return {request.principal().name, "by MLflow's API", request.principal().scope}; }
  Reach reach() const { return {desk, request}; }
};
using Answer = Result<nlohmann::json> (*)(Call& call);

inline constexpr std::string_view kPrefix = "/api/2.0/mlflow/";

std::string pattern_of(std::string_view name);  // with the prefix
// `name`: behind the prefix.
net::Route route(const DeskPointer& desk, net::Method method, std::string_view name, access::Permission permission,
                 Answer answer, Conflicts conflicts = Conflicts::AreResourceConflict,
                 net::Work work = net::Work::Short);

// Of a call that looks at the caller's limits itself: by name_of(), or by Reach. Every other one is closed to who is
// limited to some models.
net::Route within_limits(net::Route route);

// A search of runs or logged models, which may read all there are: only a few at once, on the threads of long work;
// others get 429.
net::Route search_route(const DeskPointer& desk, std::string_view name, Answer answer);
// Counts one of a few that may be under way at once, while it lives. On the handler's stack.
class Turn {
 public:
  Turn(std::atomic<int>& count, int most) : count_(count), taken_(count.fetch_add(1) < most) {}
  ~Turn() { count_.fetch_sub(1); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool taken() const { return taken_; }

 private:
  std::atomic<int>& count_;
  const bool taken_;
};
// 429 with Retry-After. `what`: "transfers of artifacts".
net::Reply busy(std::string_view what, int most);

// What the searches share: filter, max_results, order_by, page_token and the view; order_by of texts.
Result<tracking::SearchRequest> search_request(const Call& call, training::Kind kind, std::string_view view_key);
// max_results; InvalidInput beyond `most`.
Result<std::size_t> page_size(const Call& call, std::size_t otherwise, std::size_t most);

// The fields by which calls name what they are about; InvalidInput in MLflow's words. Denied: a model out of the
// caller's reach.
Result<model::ModelName> name_of(const Call& call, std::string_view key = "name");
Result<model::VersionNumber> version_of(const Call& call);
Result<model::Alias> alias_of(const Call& call);
Result<std::string> parse_stage(std::string_view said);  // whatever its case

// {"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "..."}; the status that goes with it, which clients derive
// from the code as well.
std::string error_text(const Error& error, int status);
net::Reply failure(const Error& error, Conflicts conflicts = Conflicts::AreResourceConflict);

// The routes, by subject.
void add_experiment_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_run_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_logged_model_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_registered_model_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_model_version_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_artifact_routes(std::vector<net::Route>& routes, const DeskPointer& desk);

}  // namespace slipway::api_mlflow

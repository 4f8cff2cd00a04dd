// Rooms: everything a House holds, in the order it is built. Of rooms.cc and assembly.cc alone.
#pragma once

#include <atomic>

#include "adapter/api_access/access_gate.h"
#include "adapter/backend_plugin/plugin_catalog.h"
#include "adapter/data_directory/data_directory.h"
#include "adapter/log_evidence/log_evidence.h"
#include "adapter/net/server.h"
#include "adapter/net/tls_endpoint.h"
#include "adapter/package_reader/package_reader.h"
#include "adapter/plan_yaml/plan_yaml.h"
#include "adapter/plan_yaml/rollout_plan.h"
#include "adapter/probe_process/probe_process.h"
#include "adapter/prometheus_query/prometheus_client.h"
#include "adapter/prometheus_query/queried_values.h"
#include "adapter/signature_bundle/signature_bundle.h"
#include "adapter/telemetry_prometheus/telemetry_prometheus.h"
#include "adapter/triton_repository/triton_repository.h"
#include "adapter/worker_pool/ticker.h"
#include "adapter/worker_pool/worker_pool.h"
#include "app/assembly.h"
#include "app/audit_keeper.h"
#include "app/catalog.h"
#include "app/changes.h"
#include "app/evaluation_tables.h"
#include "app/kept_elsewhere.h"
#include "app/network_settings.h"
#include "app/rollout_traffic.h"
#include "app/shared_database.h"
#include "app/version.h"
#include "app/webhooks.h"
#include "service/datasets/datasets.h"
#include "service/delivery/delivery.h"
#include "service/feedback/feedback.h"
#include "service/registry/load_guard.h"
#include "service/registry/refusals.h"
#include "service/registry/registry.h"
#include "service/registry/token_table.h"
#include "service/serving/prediction_recorder.h"
#include "service/serving/serving_controller.h"
#include "service/tracking/tracking.h"
#include "service/validation/planned_gates.h"

namespace slipway::app {

inline constexpr const char* kAddresses = "addresses";  // the file that tells where the server listens
inline constexpr std::string_view kTls = "tls:";        // before an address: with TLS

// Lets each loop flush its lane at the end of a tick.
class LaneTicks final : public net::TickListener {
 public:
  explicit LaneTicks(ports::Predictor& predictor) : predictor_(predictor) {}
  void end_of_tick(std::size_t loop) override { predictor_.lane(loop).flush(); }
  bool has_pending_work(std::size_t loop) const override { return predictor_.lane(loop).has_pending_work(); }

 private:
  ports::Predictor& predictor_;
};

// The server's counters, for the metrics route that is built before the server is.
class ServerMetrics final : public ports::MetricSource {
 public:
  void watch(const net::Server& server) { server_ = &server; }
  void collect(ports::MetricVisitor& visitor) const override { server_->collect(visitor); }

 private:
  const net::Server* server_ = nullptr;
};

// In the order of building; destroyed from the last to the first.
struct House::Rooms {
  Rooms(const Configuration& configuration_, Log& log_, Inherited inherited_, data_directory::DataDirectory data_)
      : configuration(configuration_),
        log(log_),
        inherited(std::move(inherited_)),
        follows(inherited.lock.fd() >= 0),
        data(std::move(data_)) {}

  const Configuration configuration;
  Log& log;
  Inherited inherited;
  const bool follows;                 // another server, which still answers
  std::atomic<bool> is_open = false;  // accepts, and has said where
  SystemClock clock;
  Changes changes;
  data_directory::DataDirectory data;
  std::unique_ptr<ports::MetadataStore> metadata;
  std::unique_ptr<SharedDatabase> shared;  // with the other servers on it; null: the data directory is this one's alone
  std::unique_ptr<ports::ArtifactStore> artifacts;
  std::unique_ptr<ports::TrackingStore> tracking_store;
  std::unique_ptr<ports::DatasetStore> dataset_store;
  std::unique_ptr<ports::RolloutStore> rollout_store;
  std::unique_ptr<ports::PackageReader> packages = package_reader::make_package_reader();
  backend_plugin::PluginCatalog backends{backend_formats(), backend_plugin::default_search_path()};
  std::unique_ptr<probe_process::ProbeProcess> probe;
  EvaluationTables tables{configuration.sandbox, {.cells = 25'000'000}};  // in a process that serves
  std::unique_ptr<datasets::Datasets> datasets;
  plan_yaml::PlanYaml plans;
  std::unique_ptr<probe_process::ProbeProcess> gate_probe;
  std::unique_ptr<validation::PlannedGates> gates;  // null: no version has any to pass
  registry::Refusals refusals;
  std::unique_ptr<AuditKeeper> audit;
  std::unique_ptr<registry::TokenTable> tokens;
  signature_bundle::BundleReader signatures;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<registry::LoadGuard> guard;
  std::unique_ptr<tracking::Tracking> tracking;
  std::unique_ptr<serving::MemoryBudget> memory;
  std::unique_ptr<ports::PredictionLog> prediction_log;  // null: nothing is recorded
  std::unique_ptr<serving::PredictionRecorder> recorder;
  std::unique_ptr<feedback::Feedback> feedback;
  std::unique_ptr<serving::PredictionService> predictions;
  std::unique_ptr<serving::ServingController> controller;
  std::unique_ptr<worker_pool::WorkerPool> background;    // loads and store reads of the controller
  std::unique_ptr<worker_pool::WorkerPool> workers;       // blocking routes
  std::unique_ptr<worker_pool::WorkerPool> long_workers;  // those that push, verify or load
  std::unique_ptr<worker_pool::WorkerPool> body_workers;  // long bodies of requests and answers
  std::unique_ptr<worker_pool::WorkerPool> verifier;      // what an earlier end left or cut off: may take minutes
  std::unique_ptr<worker_pool::WorkerPool> gate_runner;   // one version's gates at a time
  plan_yaml::RolloutPlanYaml rollout_plans;
  std::unique_ptr<RolloutTraffic> rollout_traffic;
  std::unique_ptr<prometheus_query::PrometheusClient> prometheus;  // null, with the two below: nobody is asked
  std::unique_ptr<prometheus_query::QueriedValues> queried;
  std::unique_ptr<worker_pool::Ticker> prometheus_clock;
  std::unique_ptr<ports::RolloutEvidence> rollout_evidence;  // null: none is gathered
  std::unique_ptr<delivery::Delivery> delivery;
  std::unique_ptr<worker_pool::Ticker> delivery_clock;
  std::unique_ptr<Webhooks> webhooks;
  std::unique_ptr<worker_pool::Ticker> control;
  std::unique_ptr<worker_pool::Ticker> record_clock;
  std::unique_ptr<triton_repository::TritonRepository> models;  // null: no model repository
  std::unique_ptr<worker_pool::Ticker> model_clock;
  std::unique_ptr<api_oip::RegistryControl> repository;
  std::unique_ptr<telemetry_prometheus::ProcessMetrics> process;
  ServerMetrics network;
  api_oip::RequestTraces traces;
  std::unique_ptr<api_access::AccessGate> gate;
  std::optional<net::OwnCertificate> own_certificate;
  TimePoint own_certificate_looked{};
  std::unique_ptr<net::TlsEndpoint> tls;  // none: no address has TLS
  std::vector<net::Route> routes;
  std::unique_ptr<LaneTicks> ticks;
  std::unique_ptr<net::Server> server;

  Result<void> open_stores();
  KeptElsewhere elsewhere() const {
    return {.records = !configuration.database.empty(), .artifacts = configuration.s3.has_value()};
  }
  Result<void> open_databases();
  Result<void> open_gates();
  void ask_next_gates();
  Result<void> open_prediction_log();
  Result<std::vector<Digest>> artifacts_elsewhere() const;  // that something besides versions needs
  void build_services();
  Result<void> ensure_admin_token();
  Result<void> open_repository();
  Result<void> open_tls();
  void tend_tls();
  Result<void> build_network();
  void desired_changed();
  Result<void> tokens_changed();
  void build_delivery();
  Result<std::string> name_of_log();
  void build_prometheus();
  Result<model::Slicing> slicing_of(std::uint64_t rollout) const;
  void tidy_up();  // what an earlier end left behind
  net::Listen listen_on(const std::string& address);
  Result<void> write_addresses();
  Result<void> write_elsewhere();
};

}  // namespace slipway::app

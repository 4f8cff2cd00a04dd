#include "app/catalog.h"

#include "adapter/api_grpc/grpc_services.h"
#include "adapter/api_oip/oip_routes.h"
#include "adapter/api_oip/settings_routes.h"
#include "adapter/api_predict/predict_routes.h"
#include "adapter/api_seldon/seldon_routes.h"
#include "adapter/artifacts_filesystem/filesystem_artifacts.h"
#include "adapter/artifacts_s3/s3_artifacts.h"
#include "adapter/log_segments/segment_log.h"
#include "adapter/store_postgres/postgres_datasets.h"
#include "adapter/store_postgres/postgres_rollouts.h"
#include "adapter/store_postgres/postgres_tracking.h"
#include "adapter/store_sqlite/sqlite_datasets.h"
#include "adapter/store_sqlite/sqlite_rollouts.h"
#include "adapter/store_sqlite/sqlite_tracking.h"
#include "adapter/telemetry_prometheus/telemetry_prometheus.h"

namespace slipway::app {

std::vector<backend_plugin::FormatEntry> backend_formats() {
  return {
      {"onnx", "onnxruntime"},
      {"echo", "echo"},
  };
}

std::vector<net::Route> protocol_routes(const ProtocolParts& parts) {
  std::vector<net::Route> all;
  const auto add = [&](std::vector<net::Route> routes) { std::ranges::move(routes, std::back_inserter(all)); };
  add(api_oip::oip_routes({parts.predictor, parts.repository, {"slipway", parts.admin.version}, parts.loops}));
  add(api_oip::settings_routes({parts.log, parts.traces, parts.predictor}));
  const auto is_ready = [&predictor = parts.predictor, &repository = parts.repository] {
    return api_oip::is_server_ready(predictor, repository);
  };
  add(api_grpc::grpc_services({parts.predictor, is_ready, parts.run_later}));
  add(api_predict::predict_routes(parts.predictor));
  add(api_admin::routes(parts.admin));
  add(api_mlflow::routes(parts.mlflow));
  add(api_seldon::seldon_routes(parts.admin.feedback));
  add(telemetry_prometheus::routes(parts.metrics));
  return all;
}

Result<std::unique_ptr<ports::MetadataStore>> open_metadata_store(const std::string& database,
                                                                  store_sqlite::SchemaChange change) {
  return std::unique_ptr<ports::MetadataStore>(TRY(store_sqlite::SqliteStore::open(database, change)));
}

Result<std::unique_ptr<ports::TrackingStore>> open_tracking_store(const std::string& database,
                                                                  store_sqlite::SchemaChange change) {
  return std::unique_ptr<ports::TrackingStore>(TRY(store_sqlite::SqliteTracking::open(database, change)));
}

Result<std::unique_ptr<store_postgres::PostgresStore>> open_postgres_store(const std::string& url) {
  return store_postgres::PostgresStore::open({.url = url});
}

Result<std::unique_ptr<ports::TrackingStore>> open_postgres_tracking(const std::string& url) {
  return std::unique_ptr<ports::TrackingStore>(TRY(store_postgres::PostgresTracking::open({.url = url})));
}

Result<std::unique_ptr<ports::DatasetStore>> open_postgres_datasets(const std::string& url,
                                                                    store_postgres::Peers& peers) {
  return std::unique_ptr<ports::DatasetStore>(TRY(store_postgres::PostgresDatasets::open({.url = url}, peers)));
}

Result<std::unique_ptr<ports::RolloutStore>> open_rollout_store(const std::string& database,
                                                                store_sqlite::SchemaChange change) {
  return std::unique_ptr<ports::RolloutStore>(TRY(store_sqlite::SqliteRollouts::open(database, change)));
}

Result<std::unique_ptr<ports::RolloutStore>> open_postgres_rollouts(const std::string& url) {
  return std::unique_ptr<ports::RolloutStore>(TRY(store_postgres::PostgresRollouts::open({.url = url})));
}

Result<std::unique_ptr<ports::DatasetStore>> open_dataset_store(const std::string& database,
                                                                store_sqlite::SchemaChange change) {
  return std::unique_ptr<ports::DatasetStore>(TRY(store_sqlite::SqliteDatasets::open(database, change)));
}

Result<std::unique_ptr<ports::ArtifactStore>> open_artifact_store(const std::string& folder) {
  return std::unique_ptr<ports::ArtifactStore>(TRY(artifacts_filesystem::FilesystemArtifacts::open(folder)));
}

Result<std::unique_ptr<ports::ArtifactStore>> open_s3_artifacts(const artifacts_s3::S3Settings& settings,
                                                                const std::string& folder, Bytes copies, Log& log) {
  return std::unique_ptr<ports::ArtifactStore>(TRY(artifacts_s3::S3Artifacts::open(settings, folder, copies, log)));
}

Result<std::unique_ptr<ports::PredictionLog>> open_segment_log(const std::string& folder, Bytes size, Duration age,
                                                               const Clock& clock, Log& log) {
  log_segments::Retention retention{.size = size, .age = age};
  retention.segment = std::min(retention.segment, Bytes{std::max<std::uint64_t>(size.count / 4, 4096)});
  auto opened = TRY(log_segments::SegmentLog::open(folder, retention, clock));
  for (const Error& error : opened->left_out()) log.warning("left out", {{"reason", error.message}});
  return std::unique_ptr<ports::PredictionLog>(std::move(opened));
}

}  // namespace slipway::app

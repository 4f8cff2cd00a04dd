// Everything the binary can do, in one place: backends, protocols and stores.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapter/api_admin/api_admin.h"
#include "adapter/api_mlflow/api_mlflow.h"
#include "adapter/api_oip/repository_control.h"
#include "adapter/api_oip/request_traces.h"
#include "adapter/artifacts_s3/s3_settings.h"
#include "adapter/backend_plugin/plugin_catalog.h"
#include "adapter/net/route.h"
#include "adapter/store_postgres/postgres_store.h"
#include "adapter/store_sqlite/sqlite_store.h"
#include "base/log.h"
#include "base/result.h"
#include "ports/artifact_store.h"
#include "ports/dataset_store.h"
#include "ports/loop.h"
#include "ports/metadata_store.h"
#include "ports/prediction_log.h"
#include "ports/rollout_store.h"
#include "ports/telemetry.h"
#include "ports/tracking_store.h"

namespace slipway::app {

// What protocols borrow.
struct ProtocolParts {
  api_admin::AdminParts admin;
  api_mlflow::MlflowParts mlflow;
  ports::Predictor& predictor;
  api_oip::RepositoryControl& repository;
  std::size_t loops;
  std::vector<const ports::MetricSource*> metrics;
  Log& log;
  api_oip::RequestTraces& traces;
  std::function<void(std::size_t loop, Duration after, ports::Task task)> run_later;
};

std::vector<backend_plugin::FormatEntry> backend_formats();
// The routes of every protocol, in one table. Handlers of inline routes own what they keep per loop.
std::vector<net::Route> protocol_routes(const ProtocolParts& parts);

// Conflict: `change` is refused, and the database would need one.
Result<std::unique_ptr<ports::MetadataStore>> open_metadata_store(const std::string& database,
                                                                  store_sqlite::SchemaChange change);
Result<std::unique_ptr<ports::TrackingStore>> open_tracking_store(const std::string& database,
                                                                  store_sqlite::SchemaChange change);
Result<std::unique_ptr<ports::DatasetStore>> open_dataset_store(const std::string& database,
                                                                store_sqlite::SchemaChange change);
// Of the same database, which other servers may use too.
Result<std::unique_ptr<store_postgres::PostgresStore>> open_postgres_store(const std::string& url);
Result<std::unique_ptr<ports::TrackingStore>> open_postgres_tracking(const std::string& url);
Result<std::unique_ptr<ports::DatasetStore>> open_postgres_datasets(const std::string& url,
                                                                    store_postgres::Peers& peers);
Result<std::unique_ptr<ports::RolloutStore>> open_rollout_store(const std::string& database,
                                                                store_sqlite::SchemaChange change);
Result<std::unique_ptr<ports::RolloutStore>> open_postgres_rollouts(const std::string& url);
// `folder`: where they are kept; with S3, where its local copies are.
Result<std::unique_ptr<ports::ArtifactStore>> open_artifact_store(const std::string& folder);
Result<std::unique_ptr<ports::ArtifactStore>> open_s3_artifacts(const artifacts_s3::S3Settings& settings,
                                                                const std::string& folder, Bytes copies, Log& log);
// What cannot be read in `folder` is told in the log, and left alone.
Result<std::unique_ptr<ports::PredictionLog>> open_segment_log(const std::string& folder, Bytes size, Duration age,
                                                               const Clock& clock, Log& log);

}  // namespace slipway::app

#include "app/rooms.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "adapter/plan_yaml/evidence_plan.h"
#include "app/gate_plan.h"
#include "domain/evidence/declared_slices.h"
#include "service/validation/signing.h"

namespace slipway::app {
namespace {

constexpr Duration kTickInterval = std::chrono::milliseconds(200);
constexpr Duration kDrainInterval = std::chrono::milliseconds(50);
constexpr std::size_t kQueuedTasks = 64;
constexpr std::size_t kLongWorkers =
    12;  // two pushes or verifications at once, loads, and eight transfers of artifacts
constexpr const char* kTrackingDatabase = "tracking.db";
constexpr const char* kDatasetDatabase = "datasets.db";
constexpr const char* kRolloutDatabase = "rollouts.db";
constexpr Duration kPrometheusInterval = std::chrono::milliseconds(500);
constexpr Duration kRolloutInterval = std::chrono::milliseconds(50);
constexpr const char* kLogName = "predictions.name";
constexpr int kIdleRolloutTicks = 20;
constexpr Duration kCertificateLook = std::chrono::hours(24);

}  // namespace

Result<void> House::Rooms::open_databases() {
  TRY(expect_same_keeper(data.path(), elsewhere()));
  if (configuration.database.empty()) {
    const auto change = follows ? store_sqlite::SchemaChange::Refused : store_sqlite::SchemaChange::Allowed;
    metadata = TRY(open_metadata_store(data.database(), change));
    tracking_store = TRY(open_tracking_store(data.path() + "/" + kTrackingDatabase, change));
    dataset_store = TRY(open_dataset_store(data.path() + "/" + kDatasetDatabase, change));
    rollout_store = TRY(open_rollout_store(data.path() + "/" + kRolloutDatabase, change));
    return {};
  }
  auto store = TRY(open_postgres_store(configuration.database));
  tracking_store = TRY(open_postgres_tracking(configuration.database));
  dataset_store = TRY(open_postgres_datasets(configuration.database, store->peers()));
  rollout_store = TRY(open_postgres_rollouts(configuration.database));
  shared =
      std::make_unique<SharedDatabase>(SharedDatabase::Parts{.peers = store->peers(),
                                                             .clock = clock,
                                                             .log = log,
                                                             .desired_changed = [this] { desired_changed(); },
                                                             .tokens_changed = [this] { return tokens_changed(); }});
  metadata = std::move(store);
  if (follows) return {};  // the other one has not ended
  shared->succeed(data);
  return shared->sign_in(data);
}

void House::Rooms::desired_changed() {
  controller->notify();
  control->wake();
}

Result<void> House::Rooms::tokens_changed() {
  return tokens->refresh();
}

Result<void> House::Rooms::open_stores() {
  TRY(open_databases());
  artifacts = configuration.s3 ? TRY(open_s3_artifacts(*configuration.s3, data.path() + "/artifact-copies",
                                                       configuration.artifact_copies, log))
                               : TRY(open_artifact_store(data.artifacts()));
  datasets = std::make_unique<datasets::Datasets>(datasets::Datasets::Parts{
      *dataset_store, *artifacts, *metadata, tables, clock, [this] { return registry->hold_artifacts(); }});
  return api_admin::prepare_uploads(data.path() + "/uploads");
}

Result<std::vector<Digest>> House::Rooms::artifacts_elsewhere() const {
  auto all = TRY(tracking_store->digests());
  const auto more = TRY(datasets->digests());
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

Result<void> House::Rooms::open_gates() {
  if (configuration.gate_plan.empty()) return {};
  validation::PlanFile file{configuration.gate_plan, TRY(read_plan_file(configuration.gate_plan))};
  TRY(validation::PlannedGates::check(plans, file));
  gate_probe = std::make_unique<probe_process::ProbeProcess>(
      *artifacts, log,
      probe_process::Settings{.timeout = configuration.gate_timeout, .sandbox = configuration.sandbox});
  const auto dataset = [this](const Digest& digest) { return datasets->table(digest); };
  const auto signing = [this](const model::ModelVersion& version) -> Result<gate::SigningMeasurement> {
    std::vector<governance::SignatureFinding> findings;
    for (auto& found : TRY(registry->signatures(version.name, version.number))) {
      findings.push_back(std::move(found.finding));
    }
    return validation::measured_signing(findings, configuration.rules.keys);
  };
  gates = std::make_unique<validation::PlannedGates>(
      validation::PlannedGates::Parts{plans, *gate_probe, *artifacts, *packages, write_evidence, dataset, signing},
      std::move(file));
  return {};
}

Result<void> House::Rooms::open_prediction_log() {
  if (configuration.prediction_log.count == 0) return {};
  prediction_log = TRY(open_segment_log(data.path() + "/predictions", configuration.prediction_log,
                                        configuration.prediction_log_age, clock, log));
  recorder = std::make_unique<serving::PredictionRecorder>(
      serving::PredictionRecorder::Parts{*prediction_log, clock, log, [this] { record_clock->wake(); }},
      configuration.loops);
  feedback = std::make_unique<feedback::Feedback>(
      feedback::Feedback::Parts{*prediction_log, clock, configuration.environment, configuration.prediction_log_age,
                                [this] { recorder->drain(); }});
  record_clock = std::make_unique<worker_pool::Ticker>("predictions", kDrainInterval, [this] {
    recorder->drain();
    if (delivery->has_open()) delivery_clock->wake();  // what was answered may decide
  });
  return {};
}

void House::Rooms::ask_next_gates() {
  // Full or at its end: what it runs, or the next start, asks as well.
  static_cast<void>(gate_runner->submit([this] { registry->run_waiting_gates(); }));
}

void House::Rooms::build_services() {
  probe = std::make_unique<probe_process::ProbeProcess>(*artifacts, log,
                                                        probe_process::Settings{.sandbox = configuration.sandbox});
  tokens = std::make_unique<registry::TokenTable>(*metadata);
  memory = std::make_unique<serving::MemoryBudget>(configuration.model_memory);
  predictions = std::make_unique<serving::PredictionService>(configuration.loops, clock);
  if (recorder) predictions->record_to(*recorder);
  // One more than loads: reading what is desired, such as a rollback, never waits for a load.
  background = std::make_unique<worker_pool::WorkerPool>(
      worker_pool::Size{serving::ControllerSettings{}.loads_at_once + 1, kQueuedTasks}, "background", log);
  workers =
      std::make_unique<worker_pool::WorkerPool>(worker_pool::Size{configuration.workers, kQueuedTasks}, "worker", log);
  long_workers = std::make_unique<worker_pool::WorkerPool>(worker_pool::Size{kLongWorkers, kQueuedTasks}, "long", log);
  body_workers =
      std::make_unique<worker_pool::WorkerPool>(worker_pool::Size{configuration.workers, kQueuedTasks}, "body", log);
  verifier = std::make_unique<worker_pool::WorkerPool>(worker_pool::Size{1, 1}, "verifier", log);
  gate_runner =
      std::make_unique<worker_pool::WorkerPool>(worker_pool::Size{1, registry::GateQueue::kMost + 1}, "gates", log);

  control = std::make_unique<worker_pool::Ticker>("control", kTickInterval, [this] {
    changes.of_our_own([this] {
      controller->tick(clock.now());
      if (registry->are_gates_due()) ask_next_gates();
    });
    if (tls) tend_tls();
  });

  registry = std::make_unique<registry::Registry>(registry::Registry::Parts{
      .metadata = *metadata,
      .artifacts = *artifacts,
      .packages = *packages,
      .probe = *probe,
      .clock = clock,
      .log = log,
      .desired_changed = [this] { desired_changed(); },
      .tokens_changed =
          [this] {
            const auto read = tokens_changed();
            if (!read.ok()) log.error("reading tokens", {{"error", read.error().message}});
          },
      .rules = configuration.rules,
      .refusals = &refusals,
      .signatures = &signatures,
      .artifacts_elsewhere = [this] { return artifacts_elsewhere(); },
      // A download's end may collect as well: not beside the pushes of a process that took over.
      .removing_artifacts =
          [this](const std::function<void()>& removal) {
            changes.of_our_own([&] { shared ? shared->collecting(removal) : removal(); });
          },
      .gates = gates.get(),
      .gates_wanted = [this] { ask_next_gates(); },
      .own_changes = [this](const std::function<void()>& change) { changes.of_our_own(change); },
      .holding_artifacts = [this] { return shared ? shared->hold_artifacts() : nullptr; },
      .rollouts = rollout_store.get(),
  });
  guard = std::make_unique<registry::LoadGuard>(*registry, configuration.environment);
  tracking = std::make_unique<tracking::Tracking>(
      tracking::Tracking::Parts{*tracking_store, *artifacts, clock, [this] { return registry->hold_artifacts(); },
                                [this] { return registry->read_artifacts(); }});

  serving::ControllerSettings settings;
  settings.environment = configuration.environment;
  settings.queue.cores = configuration.cores;
  const auto mark_live = [this](const model::ModelName& name, std::uint64_t revision) {
    Result<void> marked = unavailable("changes are paused while the server hands over");
    changes.of_our_own([&] { marked = registry->mark_live(configuration.environment, name, revision); });
    return marked;
  };
  controller = std::make_unique<serving::ServingController>(
      serving::ServingController::Parts{
          .loading = {*metadata, *artifacts, *packages, backends, *memory, clock, guard.get()},
          .workers = *background,
          .service = *predictions,
          .log = log,
          .fully_live = mark_live,
          .wake = [this] { control->wake(); },
      },
      settings);
}

Result<void> House::Rooms::ensure_admin_token() {
  TRY(tokens->refresh());
  const auto keep = [this](const std::string& secret) { return data.write_secret("admin.token", secret + "\n"); };
  auto made = registry->ensure_admin_token(keep);
  if (made.ok() || made.error().code != ErrorCode::Conflict || !shared) return made;
  // Another server made one first, so that what was kept here opens nothing.
  std::filesystem::remove(data.admin_token());
  return registry->ensure_admin_token(keep);
}

Result<void> House::Rooms::open_repository() {
  if (configuration.model_repository.empty()) return {};
  models =
      TRY(triton_repository::TritonRepository::open({*registry, clock, log}, {.path = configuration.model_repository,
                                                                              .control = configuration.model_control,
                                                                              .interval = configuration.repository_poll,
                                                                              .environment = configuration.environment,
                                                                              .packages = data.path() + "/imports",
                                                                              .records = data.path() + "/imports.json",
                                                                              .limits = {}}));
  model_clock = std::make_unique<worker_pool::Ticker>("repository", configuration.repository_poll,
                                                      [this] { changes.as_asked([this] { models->look(); }); });
  return {};
}

Result<void> House::Rooms::open_tls() {
  const bool wanted =
      std::ranges::any_of(configuration.listen, [](const std::string& address) { return address.starts_with(kTls); });
  if (!wanted) return {};
  net::TlsSettings settings{.files = configuration.tls};
  if (settings.files.certificate.empty()) {
    own_certificate = TRY(net::ensure_own_certificate(data.path() + "/tls", accepted_hosts(configuration)));
    own_certificate_looked = clock.now();
    settings.files.certificate = own_certificate->files.certificate;
    settings.files.key = own_certificate->files.key;
  }
  tls = TRY(net::TlsEndpoint::open(std::move(settings), clock.now(), log));
  return {};
}

// Another data directory has another log.
Result<std::string> House::Rooms::name_of_log() {
  if (const auto known = TRY(data.read(kLogName)); known && !known->empty()) return *known;
  std::array<std::byte, 16> random{};
  fill_random(random);
  const std::string name = to_hex(random);
  TRY(data.write_secret(kLogName, name));
  return name;
}

// None of a plan that cannot be read: it has no evidence either, and no traffic is to be refused for it.
Result<model::Slicing> House::Rooms::slicing_of(std::uint64_t rollout) const {
  const auto found = TRY(rollout_store->rollout(rollout));
  if (!found || !rollout_evidence) return model::Slicing{};
  const auto plan = plan_yaml::read_evidence_plan(found->record.plan, "plan");
  if (!plan.ok()) return model::Slicing{};
  auto declared = evidence::declared_slices(*plan);
  return declared.ok() ? std::move(declared)->slicing : model::Slicing{};
}

void House::Rooms::build_prometheus() {
  prometheus = std::make_unique<prometheus_query::PrometheusClient>();
  queried = std::make_unique<prometheus_query::QueriedValues>(prometheus_query::QueriedValues::Parts{
      .servers = configuration.prometheus,
      .clock = clock,
      .ask = [this](const std::string& url, const std::string& query) { return prometheus->ask(url, query); }});
  if (configuration.prometheus.empty()) return;
  prometheus_clock = std::make_unique<worker_pool::Ticker>("prometheus", kPrometheusInterval, [this] {
    if (is_open) queried->tick();
  });
}

void House::Rooms::build_delivery() {
  build_prometheus();
  if (prediction_log) {
    rollout_evidence = std::make_unique<log_evidence::LogEvidence>(log_evidence::LogEvidence::Parts{
        .predictions = *prediction_log,
        .environment = configuration.environment,
        .log = [this] { return name_of_log(); },
        .read_plan = [](std::string_view yaml) { return plan_yaml::read_evidence_plan(yaml, "plan"); },
        .catch_up = [this] { recorder->drain(); },
        .rollouts = rollout_store.get(),
        .dropped = [this] { return predictions->dropped(); },
        .limit = [this](const evidence::LimitPlan& limit) { return queried->value(limit.server, limit.query); },
        .check_limit = [this](const evidence::LimitPlan& limit) { return queried->check(limit.server); }});
  }
  rollout_traffic = std::make_unique<RolloutTraffic>(
      RolloutTraffic::Parts{*registry, *metadata, *predictions, configuration.environment,
                            [this](std::uint64_t number) { return slicing_of(number); }});
  delivery =
      std::make_unique<delivery::Delivery>(delivery::Delivery::Parts{.store = *rollout_store,
                                                                     .plans = rollout_plans,
                                                                     .traffic = *rollout_traffic,
                                                                     .history = *metadata,
                                                                     .evidence = rollout_evidence.get(),
                                                                     .clock = clock,
                                                                     .log = log,
                                                                     .program = kVersion,
                                                                     .environment = configuration.environment,
                                                                     .wake = [this] { delivery_clock->wake(); }});
  // Its ticks block on stores, which the control thread never does.
  delivery_clock = std::make_unique<worker_pool::Ticker>("delivery", kRolloutInterval, [this, idle = 0]() mutable {
    idle = delivery->has_open() ? 0 : (idle + 1) % kIdleRolloutTicks;  // another server may begin one
    if (is_open && idle == 0) changes.of_our_own([this] { delivery->tick(); });
  });
}

void House::Rooms::tend_tls() {
  const TimePoint now = clock.now();
  if (own_certificate && now >= own_certificate_looked + kCertificateLook) {
    own_certificate_looked = now;
    const auto renewed = net::ensure_own_certificate(data.path() + "/tls", accepted_hosts(configuration));
    if (!renewed.ok()) log.error("renewing the server's own certificate", {{"error", renewed.error().message}});
  }
  tls->tick(now);
}

Result<void> House::Rooms::build_network() {
  gate = std::make_unique<api_access::AccessGate>(*tokens, clock, configuration.anonymous,
                                                  accepted_hosts(configuration), configuration.identities, &refusals);
  TRY(open_tls());
  repository = std::make_unique<api_oip::RegistryControl>(
      api_oip::RegistryControl::Parts{*registry, *predictions, clock, configuration.environment, models.get()});
  process = std::make_unique<telemetry_prometheus::ProcessMetrics>(clock, kVersion, kCommit);
  std::vector<const ports::MetricSource*> metrics = {predictions.get(), &network, process.get()};
  if (tls) metrics.push_back(tls.get());
  if (feedback) metrics.push_back(feedback.get());
  metrics.push_back(delivery.get());
  for (const ports::MetricSource* each : webhooks->metrics()) metrics.push_back(each);
  routes = changes.guard(protocol_routes({
      .admin = {*registry, *packages, *predictions, clock, log, configuration.environment, kVersion,
                data.path() + "/uploads", datasets.get(), delivery.get(), feedback.get()},
      .mlflow = {*tracking, *registry, *artifacts},
      .predictor = *predictions,
      .repository = *repository,
      .loops = configuration.loops,
      .metrics = std::move(metrics),
      .log = log,
      .traces = traces,
      .run_later = [this](std::size_t loop, Duration after,
                          ports::Task task) { server->loop(loop).run_at(clock.now() + after, std::move(task)); },
  }));
  auto table = TRY(net::RouteTable::build(routes));
  server = TRY(net::Server::create({std::move(table), *gate, clock, *workers, *long_workers, *body_workers, log,
                                    access_log(configuration, log, traces), tls.get()},
                                   limits_of(configuration), configuration.loops));
  network.watch(*server);
  ticks = std::make_unique<LaneTicks>(*predictions);
  server->set_tick_listener(*ticks);
  for (std::size_t i = 0; i < server->loop_count(); ++i) predictions->attach(i, server->loop(i));
  return {};
}

void House::Rooms::tidy_up() {
  static_cast<void>(registry->collect_artifacts());  // its failure is in the log
  if (auto written = registry->write_missing_facts(); !written.ok()) {
    log.warning("writing down what versions are searched by", {{"error", written.error().message}});
  }
  if (shared && !shared->is_alone()) {
    log.info("other servers use the database: what looks cut off may be a verification of theirs, and is left alone");
    return;
  }
  if (auto tried = registry->verify_interrupted(); !tried.ok()) {
    log.warning("verifying what the last end of the server cut off", {{"error", tried.error().message}});
  }
}

// An address that is there already, or one to bind.
net::Listen House::Rooms::listen_on(const std::string& address) {
  std::string_view plain = address;
  if (plain.starts_with(kTls)) plain.remove_prefix(kTls.size());
  const auto found = std::ranges::find_if(inherited.sockets, [&](const Inherited::Socket& socket) {
    return socket.address == plain && socket.descriptor.fd() >= 0;
  });
  if (found == inherited.sockets.end()) return {address};
  return {address, std::move(found->descriptor), found->unlinks};
}

Result<void> House::Rooms::write_addresses() {
  std::string text;
  for (const std::string& address : server->addresses()) text += address + "\n";
  return data.write_secret(kAddresses, text);
}

Result<void> House::Rooms::write_elsewhere() {
  if (!elsewhere().nothing()) return data.write_secret(kKeptElsewhere, elsewhere().text());
  std::error_code failure;
  std::filesystem::remove(data.path() + "/" + kKeptElsewhere, failure);
  if (failure) return unavailable("cannot remove " + data.path() + "/" + kKeptElsewhere + ": " + failure.message());
  return {};
}

}  // namespace slipway::app

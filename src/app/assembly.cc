#include "app/assembly.h"

#include <algorithm>
#include <filesystem>

#include "adapter/api_access/access_gate.h"
#include "adapter/backend_plugin/plugin_catalog.h"
#include "adapter/data_directory/data_directory.h"
#include "adapter/net/server.h"
#include "adapter/net/tls_endpoint.h"
#include "adapter/package_reader/package_reader.h"
#include "adapter/probe_process/probe_process.h"
#include "adapter/telemetry_prometheus/telemetry_prometheus.h"
#include "adapter/triton_repository/triton_repository.h"
#include "adapter/worker_pool/ticker.h"
#include "adapter/worker_pool/worker_pool.h"
#include "app/audit_keeper.h"
#include "app/catalog.h"
#include "app/changes.h"
#include "app/network_settings.h"
#include "app/version.h"
#include "service/registry/refusals.h"
#include "service/registry/registry.h"
#include "service/registry/token_table.h"
#include "service/serving/serving_controller.h"
#include "service/tracking/tracking.h"

namespace slipway::app {
namespace {

constexpr Duration kTickInterval = std::chrono::milliseconds(200);
constexpr std::size_t kQueuedTasks = 64;
constexpr std::size_t kLongWorkers =
    12;  // two pushes or verifications at once, loads, and eight transfers of artifacts
constexpr const char* kTrackingDatabase = "tracking.db";
constexpr const char* kAddresses = "addresses";
constexpr std::string_view kTls = "tls:";
constexpr Duration kCertificateLook = std::chrono::hours(24);

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

}  // namespace

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
  const bool follows;    // another server, which still answers
  bool is_open = false;  // accepts, and has said where
  SystemClock clock;
  Changes changes;
  data_directory::DataDirectory data;
  std::unique_ptr<ports::MetadataStore> metadata;
  std::unique_ptr<ports::ArtifactStore> artifacts;
  std::unique_ptr<ports::TrackingStore> tracking_store;
  std::unique_ptr<ports::PackageReader> packages = package_reader::make_package_reader();
  backend_plugin::PluginCatalog backends{backend_formats(), backend_plugin::default_search_path()};
  std::unique_ptr<probe_process::ProbeProcess> probe;
  registry::Refusals refusals;
  std::unique_ptr<AuditKeeper> audit;
  std::unique_ptr<registry::TokenTable> tokens;
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<tracking::Tracking> tracking;
  std::unique_ptr<serving::MemoryBudget> memory;
  std::unique_ptr<serving::PredictionService> predictions;
  std::unique_ptr<serving::ServingController> controller;
  std::unique_ptr<worker_pool::WorkerPool> background;    // loads and store reads of the controller
  std::unique_ptr<worker_pool::WorkerPool> workers;       // blocking routes
  std::unique_ptr<worker_pool::WorkerPool> long_workers;  // those that push, verify or load
  std::unique_ptr<worker_pool::WorkerPool> verifier;      // what an earlier end left or cut off: may take minutes
  std::unique_ptr<worker_pool::Ticker> control;
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
  void build_services();
  Result<void> ensure_admin_token();
  Result<void> open_repository();
  Result<void> open_tls();
  void tend_tls();
  Result<void> build_network();
  void tidy_up();  // what an earlier end left behind
  net::Listen listen_on(const std::string& address);
  Result<void> write_addresses();
};

Result<void> House::Rooms::open_stores() {
  metadata = TRY(open_metadata_store(
      data.database(), follows ? store_sqlite::SchemaChange::Refused : store_sqlite::SchemaChange::Allowed));
  artifacts = TRY(open_artifact_store(data.artifacts()));
  tracking_store =
      TRY(open_tracking_store(data.path() + "/" + kTrackingDatabase,
                              follows ? store_sqlite::SchemaChange::Refused : store_sqlite::SchemaChange::Allowed));
  return api_admin::prepare_uploads(data.path() + "/uploads");
}

void House::Rooms::build_services() {
  probe = std::make_unique<probe_process::ProbeProcess>(*artifacts, log,
                                                        probe_process::Settings{.sandbox = configuration.sandbox});
  tokens = std::make_unique<registry::TokenTable>(*metadata);
  memory = std::make_unique<serving::MemoryBudget>(configuration.model_memory);
  predictions = std::make_unique<serving::PredictionService>(configuration.loops, clock);
  // One more than loads: reading what is desired, such as a rollback, never waits for a load.
  background = std::make_unique<worker_pool::WorkerPool>(
      worker_pool::Size{serving::ControllerSettings{}.loads_at_once + 1, kQueuedTasks}, "background", log);
  workers =
      std::make_unique<worker_pool::WorkerPool>(worker_pool::Size{configuration.workers, kQueuedTasks}, "worker", log);
  long_workers = std::make_unique<worker_pool::WorkerPool>(worker_pool::Size{kLongWorkers, kQueuedTasks}, "long", log);
  verifier = std::make_unique<worker_pool::WorkerPool>(worker_pool::Size{1, 1}, "verifier", log);

  control = std::make_unique<worker_pool::Ticker>("control", kTickInterval, [this] {
    changes.of_our_own([this] { controller->tick(clock.now()); });
    if (tls) tend_tls();
  });

  registry = std::make_unique<registry::Registry>(registry::Registry::Parts{
      .metadata = *metadata,
      .artifacts = *artifacts,
      .packages = *packages,
      .probe = *probe,
      .clock = clock,
      .log = log,
      .desired_changed =
          [this] {
            controller->notify();
            control->wake();
          },
      .tokens_changed =
          [this] {
            if (auto read = tokens->refresh(); !read.ok())
              log.error("reading tokens", {{"error", read.error().message}});
          },
      .rules = configuration.rules,
      .refusals = &refusals,
      .artifacts_elsewhere = [this] { return tracking_store->digests(); },
  });
  tracking = std::make_unique<tracking::Tracking>(
      tracking::Tracking::Parts{*tracking_store, *artifacts, clock, [this] { return registry->hold_artifacts(); }});

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
          .loading = {*metadata, *artifacts, *packages, backends, *memory, clock},
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
  return registry->ensure_admin_token(
      [this](const std::string& secret) { return data.write_secret("admin.token", secret + "\n"); });
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
  routes = changes.guard(protocol_routes({
      .admin = {*registry, *packages, *predictions, clock, log, configuration.environment, kVersion,
                data.path() + "/uploads"},
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
  server = TRY(net::Server::create(
      {std::move(table), *gate, clock, *workers, *long_workers, log, access_log(configuration, log, traces), tls.get()},
      limits_of(configuration), configuration.loops));
  network.watch(*server);
  ticks = std::make_unique<LaneTicks>(*predictions);
  server->set_tick_listener(*ticks);
  for (std::size_t i = 0; i < server->loop_count(); ++i) predictions->attach(i, server->loop(i));
  return {};
}

void House::Rooms::tidy_up() {
  static_cast<void>(registry->collect_artifacts());  // its failure is in the log
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

House::House(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}
House::~House() {
  stop(Duration{0});
}

Result<std::unique_ptr<House>> House::build(const Configuration& configuration, Log& log, Inherited inherited) {
  const int lock = inherited.lock.fd();
  auto data = lock < 0 ? data_directory::DataDirectory::open(configuration.data)
                       : data_directory::DataDirectory::take_over(configuration.data, lock);
  auto rooms = std::make_unique<Rooms>(configuration, log, std::move(inherited), TRY(std::move(data)));
  TRY(rooms->open_stores());
  rooms->build_services();
  TRY(rooms->ensure_admin_token());
  rooms->audit =
      TRY(AuditKeeper::open({rooms->data, *rooms->metadata, rooms->refusals, rooms->clock, rooms->log, rooms->changes,
                             rooms->follows ? AuditKeeper::Key::MustBeThere : AuditKeeper::Key::MadeIfMissing}));
  TRY(rooms->tracking->ensure_default_experiment());
  TRY(rooms->open_repository());
  TRY(rooms->build_network());
  return std::unique_ptr<House>(new House(std::move(rooms)));
}

Result<void> House::start() {
  Rooms& rooms = *rooms_;
  for (const std::string& address : rooms.configuration.listen) TRY(rooms.server->listen(rooms.listen_on(address)));
  rooms.inherited.sockets.clear();  // those that the configuration names no more
  TRY(rooms.server->start(net::Accepting::Later));
  rooms.control->start();
  rooms.audit->start();
  if (rooms.model_clock) rooms.model_clock->start();
  return rooms.follows ? Result<void>() : accept();
}

Result<void> House::accept() {
  Rooms& rooms = *rooms_;
  if (rooms.follows) TRY(rooms.data.claim());
  TRY(rooms.write_addresses());
  rooms.server->accept();
  // Its first and only task.
  static_cast<void>(rooms.verifier->submit([&rooms] { rooms.changes.as_asked([&rooms] { rooms.tidy_up(); }); }));
  rooms.is_open = true;
  rooms.audit->begin();
  return {};
}

bool House::is_ready() const {
  return api_oip::is_server_ready(*rooms_->predictions, *rooms_->repository);
}

bool House::pause_changes(Duration allowed) {
  return rooms_->changes.pause(allowed);
}

void House::resume_changes() {
  Rooms& rooms = *rooms_;
  if (const auto read = rooms.tokens->refresh(); !read.ok()) {
    rooms.log.error("reading tokens", {{"error", read.error().message}});
  }
  rooms.changes.resume();
  rooms.controller->notify();
  rooms.control->wake();
}

void House::stop(Duration allowed, net::Ending ending) {
  Rooms& rooms = *rooms_;
  std::error_code ignored;
  // Another process' file from the handover on, and until then.
  const bool is_ours = std::exchange(rooms.is_open, false) && ending == net::Ending::Leave;
  if (is_ours) std::filesystem::remove(rooms.data.path() + "/" + kAddresses, ignored);
  rooms.server->stop(allowed, ending);
  if (rooms.models) rooms.models->stop();
  rooms.probe->stop();  // or a worker would verify on, for nobody
  if (rooms.model_clock) rooms.model_clock->stop();
  rooms.control->stop();
  rooms.controller->stop();
  rooms.workers->close();
  rooms.long_workers->close();
  rooms.verifier->close();
  rooms.background->close();
  rooms.audit->stop();
  if (is_ours) rooms.audit->seal();
}

int House::lock() const {
  return rooms_->data.lock();
}
std::vector<int> House::sockets() const {
  return rooms_->server->sockets();
}
std::vector<std::string> House::addresses() const {
  return rooms_->server->addresses();
}
const std::vector<net::Route>& House::routes() const {
  return rooms_->routes;
}
const ports::Predictor& House::predictor() const {
  return *rooms_->predictions;
}
std::string House::token_file() const {
  return rooms_->data.admin_token();
}

const std::optional<net::OwnCertificate>& House::own_certificate() const {
  return rooms_->own_certificate;
}

std::string as_url(const std::string& address) {
  if (address.starts_with(kTls)) return "https://" + address.substr(kTls.size());
  return address.starts_with("unix:") ? address : "http://" + address;
}

}  // namespace slipway::app

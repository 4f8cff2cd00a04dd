#include "app/assembly.h"

#include <filesystem>

#include "app/rooms.h"

namespace slipway::app {

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
  TRY(rooms->open_gates());
  TRY(rooms->open_prediction_log());
  rooms->build_services();
  rooms->build_delivery();
  rooms->webhooks = TRY(Webhooks::open(rooms->configuration.webhooks, {*rooms->metadata, rooms->data, rooms->changes,
                                                                       rooms->is_open, rooms->clock, rooms->log}));
  TRY(rooms->ensure_admin_token());
  rooms->audit =
      TRY(AuditKeeper::open({rooms->data, *rooms->metadata, rooms->refusals, rooms->clock, rooms->log, rooms->changes,
                             rooms->follows ? AuditKeeper::Key::MustBeThere : AuditKeeper::Key::MadeIfMissing,
                             [&here = *rooms] { return !here.shared || here.shared->may_sign(); }}));
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
  if (rooms.record_clock) rooms.record_clock->start();
  rooms.audit->start();
  rooms.delivery_clock->start();
  rooms.webhooks->start();
  if (rooms.prometheus_clock) rooms.prometheus_clock->start();
  if (rooms.shared) rooms.shared->start();
  if (rooms.model_clock) rooms.model_clock->start();
  return rooms.follows ? Result<void>() : accept();
}

Result<void> House::accept() {
  Rooms& rooms = *rooms_;
  if (rooms.follows) TRY(rooms.data.claim());
  if (rooms.follows && rooms.shared) {
    rooms.shared->follow(rooms.data);
    TRY(rooms.shared->sign_in(rooms.data));
  }
  rooms.webhooks->begin();
  TRY(rooms.write_elsewhere());
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
  rooms.ask_next_gates();  // one that came to its end meanwhile could not be recorded
  rooms.controller->notify();
  rooms.control->wake();
}

void House::stop(Duration allowed, net::Ending ending) {
  Rooms& rooms = *rooms_;
  std::error_code ignored;
  // Another process' file from the handover on, and until then.
  const bool is_ours = rooms.is_open.exchange(false) && ending == net::Ending::Leave;
  if (is_ours) std::filesystem::remove(rooms.data.path() + "/" + kAddresses, ignored);
  rooms.server->stop(allowed, ending);
  if (rooms.models) rooms.models->stop();
  rooms.probe->stop();  // or a worker would verify on, for nobody
  if (rooms.gate_probe) rooms.gate_probe->stop();
  if (rooms.model_clock) rooms.model_clock->stop();
  rooms.delivery_clock->stop();
  rooms.webhooks->stop();
  rooms.prometheus->stop();
  if (rooms.prometheus_clock) rooms.prometheus_clock->stop();
  rooms.control->stop();
  rooms.controller->stop();
  if (rooms.record_clock) rooms.record_clock->stop();
  if (rooms.recorder) rooms.recorder->drain();
  rooms.workers->close();
  rooms.long_workers->close();
  rooms.body_workers->close();
  rooms.verifier->close();
  rooms.gate_runner->close();
  rooms.background->close();
  rooms.audit->stop();
  if (is_ours) rooms.audit->seal();
  if (rooms.shared) rooms.shared->stop();
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

#include <signal.h>

#include <cstdio>

#include "adapter/net/socket.h"
#include "adapter/supervision/passed_sockets.h"
#include "adapter/supervision/service_notice.h"
#include "adapter/supervision/successor.h"
#include "app/assembly.h"
#include "app/commands/commands.h"
#include "app/commands/examples.h"
#include "app/commands/handover.h"
#include "app/commands/server_options.h"
#include "app/commands/server_signals.h"
#include "app/version.h"

namespace slipway::app {
namespace {

cli::Exit refuse(const Error& error) {
  std::fprintf(stderr, "slipway: %s\n", error.message.c_str());
  return cli::Exit::Refused;
}

void say_where(const House& house, const Configuration& configuration) {
  std::printf("Slipway %s serves environment %s\n", kVersion, configuration.environment.c_str());
  for (const std::string& address : house.addresses()) std::printf("  %s\n", as_url(address).c_str());
  std::printf("  data in %s, admin token in %s/admin.token (the slipway command finds it by itself)\n",
              configuration.data.c_str(), configuration.data.c_str());
  for (const std::string& address : configuration.listen) {
    if (is_loopback(address) || address.starts_with("tls:")) continue;
    std::printf("  %s is reachable from outside and speaks plain HTTP: tokens and data travel unencrypted\n",
                address.c_str());
  }
  if (const auto& own = house.own_certificate()) {
    std::printf(
        "  https by a certificate of %s authority of its own, because tls_certificate names none:\n"
        "  clients trust it by %s (curl --cacert %s, slipway ... --ca %s), SHA-256 %s\n",
        own->is_new ? "a new" : "the", own->authority.c_str(), own->authority.c_str(), own->authority.c_str(),
        own->fingerprint.c_str());
  }
  std::fflush(stdout);
}

// "a,b" for the setting `listen`, which what is inherited overrides.
std::vector<GivenSetting> listen_setting(const std::vector<std::string>& addresses, const char* source) {
  if (addresses.empty()) return {};
  std::string all;
  for (const std::string& address : addresses) all += (all.empty() ? "" : ",") + address;
  return {{"listen", all, source}};
}

// The sockets of a service manager: their name says what they speak, where it is `tls` or `plain`.
Result<Estate> estate_of(std::vector<supervision::PassedSocket> passed) {
  Estate estate;
  for (supervision::PassedSocket& socket : passed) {
    const std::string address = TRY(net::listening_address(socket.socket.fd()));
    const bool says = socket.name == "tls" || socket.name == "plain";
    estate.passed.push_back((says ? socket.name + ":" : "") + address);
    estate.inherited.sockets.push_back({address, std::move(socket.socket), net::WhoUnlinks::ItsOwner});
  }
  return estate;
}

// Serves until it is asked to stop, or another process serves instead.
cli::Exit serve(House& house, const Configuration& configuration, bool has_passed, ServerSignals& signals, Log& log,
                std::optional<ExamplesPublisher>& examples) {
  const SystemClock clock;
  const auto notice = supervision::ServiceNotice::from_environment();
  std::vector<ServedAddress> addresses;
  for (const std::string& address : configuration.listen) addresses.push_back({address, has_passed});
  while (signals.wait() == ServerSignals::Request::HandOver) {
    log.info("handing over to a new process");
    notice.handing_over(clock.now());
    const auto process = hand_over(house, configuration, addresses, signals, clock);
    if (process.ok()) {
      notice.handed_over(*process);
      log.info("handed over", {{"process", std::int64_t{*process}}});
      house.stop(configuration.drain, net::Ending::HandedOver);
      return cli::Exit::Done;
    }
    log.error("not handed over, going on", {{"reason", process.error().message}});
    notice.handover_failed(process.error().message);
    signals.not_handed_over();
  }
  notice.stopping();
  std::printf("\nStopping: answering what is in flight (again to stop at once)\n");
  std::fflush(stdout);
  examples.reset();  // or they would find the server gone, and call that a failure of theirs
  house.stop(configuration.drain);
  return cli::Exit::Done;
}

cli::Exit run(const cli::Arguments& arguments) {
  const SystemClock clock;
  auto predecessor = supervision::channel_to_predecessor(clock);
  if (!predecessor.ok()) return say_wrong_usage(predecessor.error());
  auto passed = supervision::take_passed_sockets();
  if (!passed.ok()) return say_wrong_usage(passed.error());
  auto estate = estate_of(*std::move(passed));
  if (!estate.ok()) return say_wrong_usage(estate.error());
  const auto configured = [&]() -> Result<Configuration> {
    auto made = TRY(configure(
        TRY(gather_settings(arguments, listen_setting(estate->passed, "the sockets passed to this process")))));
    made.rules = TRY(gather_rules(arguments));
    return made;
  };
  auto configuration = configured();
  if (!configuration.ok()) return say_wrong_usage(configuration.error());

  signal(SIGPIPE, SIG_IGN);
  ServerSignals signals;
  Log log({.format = configuration->log_format, .level = configuration->log_level});
  const bool follows = predecessor->has_value();
  if (follows) {
    estate = take_over(**predecessor);
    if (!estate.ok()) return refuse(estate.error());
    configuration = configured();
    if (!configuration.ok()) return say_wrong_usage(configuration.error());
  }
  auto house = House::build(*configuration, log, std::move(estate->inherited));
  if (!house.ok()) return refuse(house.error());
  if (!follows) signals.started();
  if (const auto started = (*house)->start(); !started.ok()) return refuse(started.error());
  if (follows) {
    if (const auto serving = succeed(**house, *estate, **predecessor); !serving.ok()) return refuse(serving.error());
    predecessor->reset();
    signals.started();
  } else {
    supervision::ServiceNotice::from_environment().ready();
  }
  say_where(**house, *configuration);
  std::optional<ExamplesPublisher> examples;
  if (arguments.has("--with-examples") && !follows) examples.emplace(**house);
  return serve(**house, *configuration, !estate->passed.empty(), signals, log, examples);
}

}  // namespace

cli::Command serve_command() {
  cli::Command command{
      .name = "serve",
      .summary = "Start the server",
      .options = server_options(),
      .examples = {"slipway serve",
                   "slipway serve --data /var/lib/slipway --listen 127.0.0.1:8080,unix:/run/slipway.sock",
                   "slipway serve --with-examples"},
      .run = run,
      .subcommands = {},
      .details =
          "Runs until Ctrl-C or SIGTERM, then answers what is in flight and leaves. SIGUSR2 hands over to a new "
          "process of "
          "the same command, without a refused connection. Every option can "
          "also stand in slipway-server.yaml or in a SLIPWAY_* variable; `slipway config` shows them."};
  command.options.push_back({.name = "--with-examples", .value = "", .help = "push and deploy the example models"});
  return command;
}

}  // namespace slipway::app

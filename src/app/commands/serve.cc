#include <signal.h>

#include <cstdio>

#include "app/assembly.h"
#include "app/commands/commands.h"
#include "app/commands/examples.h"
#include "app/commands/server_options.h"
#include "app/commands/stop_signals.h"
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
        "  clients trust it by %s (curl --cacert %s), SHA-256 %s\n",
        own->is_new ? "a new" : "the", own->authority.c_str(), own->authority.c_str(), own->fingerprint.c_str());
  }
  std::fflush(stdout);
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto settings = gather_settings(arguments);
  if (!settings.ok()) return say_wrong_usage(settings.error());
  const auto configuration = configure(*settings);
  if (!configuration.ok()) return say_wrong_usage(configuration.error());

  signal(SIGPIPE, SIG_IGN);
  StopSignals stop;
  Log log({.format = configuration->log_format, .level = configuration->log_level});
  auto house = House::build(*configuration, log);
  if (!house.ok()) return refuse(house.error());
  stop.started();
  if (const auto started = (*house)->start(); !started.ok()) return refuse(started.error());
  say_where(**house, *configuration);
  std::optional<ExamplesPublisher> examples;
  if (arguments.has("--with-examples")) examples.emplace(**house);

  stop.wait();
  std::printf("\nStopping: answering what is in flight (again to stop at once)\n");
  std::fflush(stdout);
  examples.reset();
  (*house)->stop(configuration->drain);
  return cli::Exit::Done;
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
          "Runs until Ctrl-C or SIGTERM, then answers what is in flight and leaves. Every option can "
          "also stand in slipway-server.yaml or in a SLIPWAY_* variable; `slipway config` shows them."};
  command.options.push_back({.name = "--with-examples", .value = "", .help = "push and deploy the example models"});
  return command;
}

}  // namespace slipway::app

// slipway keygen, slipway sign: a key pair, and somebody's word for the files of a package or a version.
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "adapter/signature_bundle/signature_bundle.h"
#include "app/commands/commands.h"
#include "app/commands/local_package.h"
#include "app/commands/signing_files.h"
#include "base/text.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::app {
namespace {

using cli::Arguments;
using cli::Session;
using nlohmann::json;

Result<Ed25519PrivateKey> read_private_key(const std::string& path) {
  auto key = Ed25519PrivateKey::from_pem(TRY(read_small_file(path)));
  if (!key.ok()) return std::move(key).error().within(path);
  return key;
}

// A folder, an archive or a model that is there is meant before a version that is called so.
bool is_local(const std::string& target) {
  return ::access(target.c_str(), F_OK) == 0;
}

Result<std::string> sign_package(const std::string& path, const Ed25519PrivateKey& key) {
  const LocalPackage package = TRY(open_local_package(path));
  const std::string name = package.opened.manifest.name;
  return signature_bundle::signed_bundle(governance::statement_for(name.empty() ? package.opened.suggested_name : name,
                                                                   {name, std::nullopt, package.version.files}),
                                         key);
}

// The files as the server knows them: what is signed is their digests, which no server can change unseen.
Result<std::vector<model::PackageFile>> files_of(const json& version) {
  std::vector<model::PackageFile> files;
  for (const json& file : version.at("files")) {
    const Digest digest = TRY(parse_digest(file.at("sha256").get<std::string>()));
    files.push_back({file.at("path").get<std::string>(), file.at("size").get<std::uint64_t>(), digest});
  }
  return files;
}

Result<void> write_bundle(Session& session, const std::string& path, const std::string& bundle) {
  const auto written = write_new_file(path, bundle, 0644);
  if (!written.ok()) return session.refuse(written.error());
  cli::print(path + "\n");
  return {};
}

Result<void> sign_version(Session& session, const std::string& target, const Ed25519PrivateKey& key,
                          const Arguments& arguments) {
  const cli::Reference reference = TRY(cli::read_reference(session, target));
  const std::uint64_t number = TRY(cli::version_of(session, reference));
  if (number == 0) {
    return invalid_input("expected a package that is here, or NAME:VERSION, found \"" + printable(target) + "\"");
  }
  const std::string path = cli::model_path(reference.name, "/versions/" + std::to_string(number));
  const json version = json::parse(TRY(session.fetch(path)));
  const auto files = TRY(files_of(version));
  const Digest digest = TRY(parse_digest(version.at("digest").get<std::string>()));
  if (model::package_digest(files) != digest) {
    return session.refuse(corrupt("the server says the digest " + digest.hex() + ", which is not that of its files"));
  }
  const std::string bundle =
      signature_bundle::signed_bundle(governance::statement_for(reference.name, {reference.name, number, files}), key);
  if (const auto output = arguments.text("--output")) {
    return write_bundle(session, *output, bundle);
  }
  const json answer = json::parse(TRY(session.exchange("POST", path + "/signatures", bundle)));
  if (session.wants_json()) {
    cli::print_json(answer.dump());
    return {};
  }
  cli::print(cli::clean(reference.name) + ":" + std::to_string(number) + " sha256:" + digest.hex() + "\n" +
             cli::clean(answer.at("state").get<std::string>()) + " " +
             cli::clean(answer.at("detail").get<std::string>()) + "\n");
  return {};
}

Result<void> sign(Session& session, const Arguments& arguments) {
  const std::string& target = arguments.at("TARGET");
  const Ed25519PrivateKey key = TRY(read_private_key(arguments.at("--key")));
  if (!is_local(target)) return sign_version(session, target, key, arguments);
  const auto bundle = sign_package(target, key);
  if (!bundle.ok()) return session.refuse(bundle.error());
  return write_bundle(session, arguments.text("--output").value_or(signature_beside(target)), *bundle);
}

Result<void> generate(const std::string& name) {
  const auto key = Ed25519PrivateKey::generate();
  TRY(write_new_file(name + ".key", key.pem(), 0600));
  auto written = write_new_file(name + ".pub", key.public_key().pem(), 0644);
  if (!written.ok()) ::unlink((name + ".key").c_str());  // made just now: a pair or nothing
  return written;
}

cli::Exit run_keygen(const Arguments& arguments) {
  const std::string name = arguments.at("NAME");
  const auto made = generate(name);
  if (!made.ok()) {
    cli::complain(made.error().message);
    return cli::Exit::Refused;
  }
  cli::print(name + ".key (keep it to yourself)\n" + name + ".pub (for governance: keys: of the server)\n");
  return cli::Exit::Done;
}

}  // namespace

cli::Command keygen_command() {
  return {.name = "keygen",
          .summary = "Make a key pair to sign packages and versions with",
          .options = {{.name = "NAME", .help = "writes NAME.key (0600) and NAME.pub", .required = true}},
          .examples = {"slipway keygen release"},
          .run = run_keygen,
          .subcommands = {},
          .details = "Ed25519, as PEM. A file that is there already is never overwritten."};
}

cli::Command sign_command() {
  cli::Command command{.name = "sign", .summary = "Vouch for the bytes of a package or of a version in the registry"};
  command.details =
      "Signs the digests of all files, as an OpenSSF Model Signing bundle. Of a package that is here, the bundle goes "
      "into a file: model.sig inside a folder, so that it is pushed along, else PACKAGE.sig. Of a version it is "
      "attached to the version, and counts for that name and number alone.";
  command.options = {
      {.name = "TARGET",
       .help = "a folder, an archive or a model file; or NAME:VERSION, NAME@ALIAS",
       .required = true,
       .offers = cli::Offers::Files},
      {.name = "--key",
       .value = "FILE",
       .help = "the private key, as `slipway keygen` writes it",
       .required = true,
       .offers = cli::Offers::Files},
      {.name = "--output", .value = "FILE", .help = "write the bundle there instead", .offers = cli::Offers::Files}};
  command.examples = {"slipway sign examples/wine --key release.key", "slipway sign wine:3 --key release.key"};
  return client_command(std::move(command), sign);
}

}  // namespace slipway::app

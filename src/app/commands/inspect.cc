#include <cstdio>

#include "app/commands/commands.h"
#include "app/commands/local_package.h"
#include "base/text.h"
#include "cli/terminal.h"

namespace slipway::app {
namespace {

void print_json(const LocalPackage& package) {
  std::string out = "{\n  \"digest\": \"sha256:" + package.version.digest.hex() + "\",\n  \"files\": [";
  for (std::size_t i = 0; i < package.version.files.size(); ++i) {
    const model::PackageFile& file = package.version.files[i];
    out += i == 0 ? "\n    {\"path\": " : ",\n    {\"path\": ";
    append_json_string(out, file.path);
    out += ", \"size\": " + std::to_string(file.size) + ", \"sha256\": \"" + file.digest.hex() + "\"}";
  }
  out += "\n  ],\n  \"manifest\": ";
  append_json_string(out, package.version.manifest);
  std::printf("%s\n}\n", out.c_str());
}

void print_text(const LocalPackage& package) {
  std::printf("digest sha256:%s\n\n", package.version.digest.hex().c_str());
  cli::Table files({"FILE", "SIZE", "SHA256"});
  for (const model::PackageFile& file : package.version.files) {
    files.add({file.path, cli::human_bytes(file.size), file.digest.hex()});
  }
  files.print();
  std::printf("\n");
  cli::print_body(package.version.manifest);
}

cli::Exit run(const cli::Arguments& arguments) {
  const auto package = open_local_package(arguments.at("PATH"));
  if (!package.ok()) {
    cli::complain(package.error().message);
    return cli::Exit::Refused;
  }
  if (arguments.has("--json")) {
    print_json(*package);
  } else {
    print_text(*package);
  }
  return cli::Exit::Done;
}

}  // namespace

cli::Command inspect_command() {
  return {.name = "inspect",
          .summary = "Show what a package is: files, digest, manifest with the signature",
          .options = {{.name = "PATH",
                       .help = "a folder, an archive or a model file",
                       .required = true,
                       .offers = cli::Offers::Files},
                      {.name = "--json", .value = "", .help = "as JSON"}},
          .examples = {"slipway inspect model.onnx", "slipway inspect examples/wine --json"},
          .run = run,
          .subcommands = {},
          .details =
              "Reads the package as a push would, with the same checks; no server is asked. For a bare model file the "
              "manifest shown is the one derived from it: a good start for a slipway.yaml."};
}

}  // namespace slipway::app

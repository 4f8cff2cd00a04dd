// slipway predict: asks a model, in the Open Inference Protocol or in plain features and rows.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/request_kind.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kLargestInput = 32U << 20;  // the server's limit for one request

using FilePointer = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;

Result<std::string> read_input(const std::string& path) {
  const bool standard = path == "-";
  const FilePointer file(standard ? stdin : std::fopen(path.c_str(), "rbe"),
                         [](std::FILE* f) { return f == stdin ? 0 : std::fclose(f); });
  if (!file) return invalid_input("--input: cannot read \"" + printable(path) + "\": " + std::strerror(errno));
  std::string text;
  std::array<char, 65536> piece;
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), file.get())) {
    text.append(piece.data(), size);
    if (text.size() > kLargestInput) return invalid_input("--input: expected at most 32 MiB, found more");
  }
  if (std::ferror(file.get())) {
    return invalid_input("--input: cannot read \"" + printable(path) + "\": " + std::strerror(errno));
  }
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    return invalid_input("--input: expected a request in JSON or CSV, found nothing in \"" + printable(path) + "\"");
  }
  return text;
}

RequestKind kind_of(const Arguments& arguments, const std::string& text) {
  if (arguments.text("--format") == "csv" ||
      (!arguments.has("--format") && arguments.at("--input").ends_with(".csv"))) {
    return RequestKind::Csv;
  }
  const RequestKind kind = request_kind(text);
  return arguments.text("--format") == "json" && kind == RequestKind::Csv ? RequestKind::Plain : kind;
}

// What the Open Inference Protocol calls a version: its label, or the registry's own number.
Result<std::string> protocol_version(Session& session, const std::string& name, std::uint64_t version) {
  const std::string number = std::to_string(version);
  auto shown = session.fetch(model_path(name, "/versions/" + number));
  if (!shown) return std::move(shown).error().within("what the inference protocol calls " + name + ":" + number);
  const json manifest = json::parse(*shown).value("manifest", json());
  const json labels = manifest.is_object() ? manifest.value("labels", json()) : json();
  const std::string label = labels.is_object() ? labels.value("oip.version", number) : number;
  const bool is_number = !label.empty() && label.find_first_not_of("0123456789") == std::string::npos;
  return is_number ? label : number;  // as the server takes it
}

Result<std::string> path_of(Session& session, RequestKind kind, const std::string& name, std::uint64_t version) {
  const std::string model = percent_encode(name);
  if (kind != RequestKind::Inference) return "/predict/" + model + (version > 0 ? ":" + std::to_string(version) : "");
  if (version == 0) return "/v2/models/" + model + "/infer";
  const std::string number = TRY(protocol_version(session, name, version));
  return "/v2/models/" + model + "/versions/" + number + "/infer";
}

// The server takes objects; a bare row or list of rows is put into one.
std::string body_of(RequestKind kind, std::string text) {
  if (kind == RequestKind::Row) return "{\"row\":" + text + "}";
  if (kind == RequestKind::Rows) return "{\"rows\":" + text + "}";
  return text;
}

Result<void> predict(Session& session, const Arguments& arguments) {
  const std::string text = TRY(read_input(arguments.at("--input")));
  const Reference reference = TRY(read_reference(session, arguments.at("NAME")));
  const std::uint64_t version = TRY(version_of(session, reference));
  const RequestKind kind = kind_of(arguments, text);
  HttpRequest request;
  request.method = "POST";
  request.path = TRY(path_of(session, kind, reference.name, version));
  request.headers.emplace_back("Content-Type", kind == RequestKind::Csv ? "text/csv" : "application/json");
  request.body = body_of(kind, text);
  print_body(TRY(session.call(std::move(request))));
  return {};
}

}  // namespace

Command predict_command() {
  Command command{.name = "predict", .summary = "Ask a model for a prediction"};
  command.details =
      "The input is an Open Inference Protocol request (an object with \"inputs\"), an object of features, a row, a "
      "list "
      "of rows, or CSV. The answer is the server's JSON.";
  command.options = {
      {.name = "NAME", .help = "NAME, NAME:VERSION or NAME@ALIAS", .required = true, .offers = Offers::Models},
      {.name = "--input",
       .value = "FILE",
       .help = "the request; - reads standard input",
       .required = true,
       .offers = Offers::Files},
      {.name = "--format",
       .value = "FORMAT",
       .help = "json or csv; default: seen from the input",
       .choices = {"json", "csv"}}};
  command.examples = {"slipway predict wine --input request.json",
                      "echo '{\"features\": {\"age\": 42, \"income\": 31000}}' | slipway predict fraud --input -",
                      "slipway predict fraud:3 --input rows.csv"};
  return client_command(std::move(command), predict);
}

}  // namespace slipway::cli

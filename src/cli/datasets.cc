// slipway datasets: evaluation data that gate plans name by digest.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

constexpr std::uintmax_t kLargest = std::uintmax_t{256} << 20;

Result<std::string> read_file(const std::string& path) {
  std::error_code failure;
  const std::uintmax_t size = std::filesystem::file_size(path, failure);
  if (failure) return not_found(printable(path) + ": " + failure.message());
  if (size > kLargest) {
    return invalid_input(printable(path) + ": expected at most " + human_bytes(kLargest) + ", found " +
                         human_bytes(size));
  }
  std::string text(size, '\0');
  std::ifstream file(path, std::ios::binary);
  if (!file.read(text.data(), static_cast<std::streamsize>(size))) {
    return unavailable(printable(path) + ": cannot be read");
  }
  return text;
}

Result<void> push(Session& session, const Arguments& arguments) {
  const std::string path = arguments.at("FILE");
  const std::string name = std::filesystem::path(path).filename().string();
  HttpRequest request;
  request.method = "POST";
  request.path = "/api/v1/datasets?filename=" + percent_encode(name);
  if (const auto reason = arguments.text("--reason")) request.path += "&reason=" + percent_encode(*reason);
  request.headers.emplace_back("Content-Type", "application/octet-stream");
  request.body = TRY(read_file(path));
  const json answer = json::parse(TRY(session.call(std::move(request))));
  if (session.wants_json()) {
    print_json(answer.dump());
  } else {
    print(clean(answer.at("digest").get<std::string>()) + "\n");
  }
  return {};
}

Result<void> list(Session& session, const Arguments&) {
  json all = json::array();
  std::string after;
  do {
    const json page = json::parse(TRY(session.fetch("/api/v1/datasets?limit=500" + after)));
    for (const json& one : page.at("datasets")) all.push_back(one);
    const json& next = page.at("next");
    after = next.is_null() ? "" : "&after=" + percent_encode(next.get<std::string>());
  } while (!after.empty());
  if (session.wants_json()) {
    print_json(json({{"datasets", all}}).dump());
    return {};
  }
  Table table({"DIGEST", "NAME", "ROWS", "SIZE", "BY", "AT"});
  for (const json& one : all) {
    table.add({one.at("digest").get<std::string>(), one.at("name").get<std::string>(),
               std::to_string(one.at("rows").get<std::uint64_t>()), human_bytes(one.at("size").get<std::uint64_t>()),
               one.at("created_by").get<std::string>(), one.at("created_at").get<std::string>().substr(0, 19)});
  }
  table.print();
  return {};
}

Result<void> remove(Session& session, const Arguments& arguments) {
  const std::string digest = arguments.at("DIGEST");
  std::string path = "/api/v1/datasets/" + percent_encode(digest);
  if (const auto reason = arguments.text("--reason")) path += "?reason=" + percent_encode(*reason);
  TRY(session.exchange("DELETE", path, ""));
  session.wants_json() ? print_json(json({{"deleted", digest}}).dump()) : print("deleted " + clean(digest) + "\n");
  return {};
}

Option reason_option() {
  return {.name = "--reason", .value = "TEXT", .help = "why, for the history"};
}

}  // namespace

Command datasets_command() {
  Command command{.name = "datasets", .summary = "Register evaluation data for gate plans; list, delete"};
  Command add{.name = "push", .summary = "Register a file of evaluation data and print its digest"};
  add.details = "A gate plan of the server names it as `data: {dataset: sha256:...}`. The same bytes have one digest.";
  add.options = {
      {.name = "FILE", .help = ".csv, .jsonl or .parquet, at most 256 MiB", .required = true, .offers = Offers::Files},
      reason_option()};
  add.examples = {"slipway datasets push eval.csv"};
  Command show{.name = "list", .summary = "List the registered data sets"};
  show.examples = {"slipway datasets list"};
  Command take_away{.name = "delete", .summary = "Delete a data set; gates that need it find nothing then"};
  take_away.options = {{.name = "DIGEST", .help = "as listed", .required = true}, reason_option()};
  take_away.examples = {
      "slipway datasets delete sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"};
  command.subcommands = {client_command(std::move(add), push), client_command(std::move(show), list),
                         client_command(std::move(take_away), remove)};
  command.examples = {"slipway datasets push eval.csv"};
  return command;
}

}  // namespace slipway::cli

// slipway pull: the files of a version, into a new folder.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/descriptor.h"
#include "base/digest.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

namespace slipway::cli {
namespace {

using nlohmann::json;

struct RemoteFile {
  std::string path;
  std::uint64_t size = 0;
  Digest digest;
};

Error file_error(const std::string& doing, const std::string& path) {
  return invalid_input("cannot " + doing + " \"" + printable(path) + "\": " + std::generic_category().message(errno));
}

// A server says the paths; none of them may lead out of the folder.
Result<void> check_path(const std::string& path) {
  const std::filesystem::path parts(path);
  bool is_good = !path.empty() && !has_control_characters(path) && parts.is_relative() && path.back() != '/';
  for (const auto& part : parts) is_good = is_good && part != ".." && part != "." && !part.empty();
  if (is_good) return {};
  return internal_error("expected the path of a file in a package, found \"" + printable(path) + "\"");
}

Result<std::vector<RemoteFile>> files_of(const json& version) {
  std::vector<RemoteFile> files;
  for (const json& file : version.at("files")) {
    RemoteFile one{.path = file.at("path").get<std::string>(), .size = file.at("size").get<std::uint64_t>()};
    TRY(check_path(one.path));
    one.digest = TRY(parse_digest(file.at("sha256").get<std::string>()));
    files.push_back(std::move(one));
  }
  return files;
}

std::string encoded_path(const std::string& path) {
  std::string encoded;
  for (const auto& part : std::filesystem::path(path)) encoded += "/" + percent_encode(part.string());
  return encoded;
}

Result<void> write_all(const Descriptor& file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file.fd(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("write", path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

// Into a folder that is new, so that nobody's link lies there.
Result<void> fetch_file(Session& session, const std::string& base, const RemoteFile& file, const std::string& folder) {
  const std::string path = folder + "/" + file.path;
  std::error_code failure;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failure);
  if (failure) return invalid_input("cannot make the folder of \"" + printable(path) + "\": " + failure.message());
  const Descriptor out(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (!out) return file_error("create", path);
  Sha256 hash;
  std::uint64_t size = 0;
  HttpRequest request;
  request.path = base + encoded_path(file.path);
  request.sink = [&](std::string_view piece) -> Result<void> {
    hash.update(as_bytes(piece));
    size += piece.size();
    return write_all(out, piece, path);
  };
  TRY(session.call(std::move(request)));
  const Digest found = hash.finish();
  if (size == file.size && found == file.digest) return {};
  ::unlink(path.c_str());
  return session.refuse(corrupt("\"" + printable(file.path) + "\": expected " + std::to_string(file.size) +
                                " bytes of SHA-256 " + file.digest.hex() + ", found " + std::to_string(size) +
                                " bytes of " + found.hex()));
}

Result<void> pull(Session& session, const Arguments& arguments) {
  const std::string& target = arguments.at("NAME");
  const Reference reference = TRY(read_reference(session, target));
  const std::uint64_t number = TRY(version_of(session, reference));
  if (number == 0) {
    return invalid_input("expected NAME:VERSION or NAME@ALIAS, found \"" + printable(target) + "\"");
  }
  const std::string base = model_path(reference.name, "/versions/" + std::to_string(number));
  const json version = json::parse(TRY(session.fetch(base)));
  const auto files = TRY(files_of(version));
  const std::string folder = arguments.text("DIR").value_or(reference.name + "-" + std::to_string(number));
  if (::mkdir(folder.c_str(), 0777) != 0) return file_error("make the folder", folder);
  for (const RemoteFile& file : files) TRY(fetch_file(session, base + "/files", file, folder));
  if (session.wants_json()) {
    print_json(
        json{{"model", reference.name}, {"version", number}, {"folder", folder}, {"files", files.size()}}.dump());
  } else {
    print(clean(folder) + "\n");
  }
  return {};
}

}  // namespace

Command pull_command() {
  Command command{.name = "pull", .summary = "Download the files of a version into a new folder"};
  command.details =
      "Each file is checked against its digest. The folder must not be there yet; what was downloaded before a failure "
      "stays in it.";
  command.options = {{.name = "NAME", .help = "NAME:VERSION or NAME@ALIAS", .required = true, .offers = Offers::Models},
                     {.name = "DIR", .help = "the folder; default NAME-VERSION"}};
  command.examples = {"slipway pull fraud@production", "slipway pull fraud:3 /tmp/fraud"};
  return client_command(std::move(command), pull);
}

}  // namespace slipway::cli

#include "adapter/artifacts_filesystem/filesystem_artifacts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "adapter/artifacts_filesystem/folder_walk.h"

namespace slipway::artifacts_filesystem {
namespace {

constexpr char kIncoming[] = "incoming";

// artifacts/ab/cd/abcd...: two levels of 256 folders.
struct Place {
  explicit Place(const Digest& digest) : name(digest.hex()), first(name.substr(0, 2)), second(name.substr(2, 2)) {}
  std::string path() const { return first + "/" + second + "/" + name; }

  std::string name, first, second;
};

bool is_fan_out(const std::string& name) {
  return name.size() == 2 && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Result<void> read_exactly(int file, MutableByteSpan into, const std::string& shown) {
  while (!into.empty()) {
    const ssize_t got = ::read(file, into.data(), into.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("cannot read", shown);
    if (got == 0) return corrupt(shown + ": the file ends " + std::to_string(into.size()) + " bytes too early");
    into = into.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

}  // namespace

// A fresh file in incoming/, which gets its final name only when every byte is durable.
class FilesystemArtifacts::Writer final : public ports::ArtifactWriter {
 public:
  Writer(const FilesystemArtifacts& store, std::string name, Descriptor file)
      : store_(store), name_(std::move(name)), file_(std::move(file)) {}
  ~Writer() override {
    if (!finished_) ::unlinkat(store_.incoming_.number(), name_.c_str(), 0);
  }

  Result<void> write(ByteSpan bytes) override {
    hash_.update(bytes);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.number(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return failed("cannot write an artifact to");
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<Digest> finish() override {
    if (broken_) return unavailable("an earlier write to " + store_.path_ + "/" + kIncoming + " failed");
    const Digest digest = hash_.finish();
    const Place place(digest);
    if (::fchmod(file_.number(), 0400) != 0) return failed("cannot protect an artifact in");
    // A failed fsync is final: the kernel may have dropped the pages, so a second one would lie.
    if (::fsync(file_.number()) != 0) return failed("cannot make an artifact durable in");
    const Descriptor first = TRY(ensure_folder(store_.root_.number(), place.first, store_.path_ + "/" + place.first));
    const Descriptor second = TRY(ensure_folder(first.number(), place.second, store_.path_ + "/" + place.path()));
    if (::renameat(store_.incoming_.number(), name_.c_str(), second.number(), place.name.c_str()) != 0) {
      return failed("cannot put in place " + place.path() + " in");
    }
    finished_ = true;
    if (::fsync(second.number()) != 0) return failed("cannot make durable " + place.path() + " in");
    return digest;
  }

 private:
  Error failed(const std::string& doing) {
    broken_ = true;
    return system_error(doing, store_.path_);
  }

  const FilesystemArtifacts& store_;
  const std::string name_;
  Descriptor file_;
  Sha256 hash_;
  bool finished_ = false;
  bool broken_ = false;
};

FilesystemArtifacts::FilesystemArtifacts(std::string path, Descriptor root, Descriptor incoming)
    : path_(std::move(path)), root_(std::move(root)), incoming_(std::move(incoming)) {}

Result<std::unique_ptr<FilesystemArtifacts>> FilesystemArtifacts::open(const std::string& folder) {
  Descriptor root = TRY(ensure_folder(AT_FDCWD, folder, folder));
  Descriptor incoming = TRY(ensure_folder(root.number(), kIncoming, folder + "/" + kIncoming));
  std::unique_ptr<FilesystemArtifacts> store(
      new FilesystemArtifacts(folder, std::move(root), std::move(incoming)));  // the constructor is private
  TRY(store->remove_incoming());
  return store;
}

Result<void> FilesystemArtifacts::remove_incoming() {
  for (const std::string& name : TRY(names_in(incoming_, path_ + "/" + kIncoming))) {
    if (::unlinkat(incoming_.number(), name.c_str(), 0) != 0 && errno != ENOENT) {
      return system_error("cannot remove the unfinished upload", path_ + "/" + kIncoming + "/" + name);
    }
  }
  return {};
}

Result<std::unique_ptr<ports::ArtifactWriter>> FilesystemArtifacts::create() {
  std::array<std::byte, 16> random{};
  fill_random(random);
  std::string name = to_hex(random);
  Descriptor file(
      ::openat(incoming_.number(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return system_error("cannot create an artifact in", path_ + "/" + kIncoming);
  return std::unique_ptr<ports::ArtifactWriter>(std::make_unique<Writer>(*this, std::move(name), std::move(file)));
}

Result<std::vector<std::byte>> FilesystemArtifacts::read(const Digest& digest, Bytes limit) {
  const Place place(digest);
  const std::string shown = path_ + "/" + place.path();
  const Descriptor file(::openat(root_.number(), place.path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return system_error("cannot open artifact", shown);
  struct stat status{};
  if (::fstat(file.number(), &status) != 0) return system_error("cannot inspect artifact", shown);
  if (!S_ISREG(status.st_mode)) return corrupt(shown + ": expected a regular file");
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > limit.count) {
    return invalid_input("artifact sha256:" + place.name + ": expected at most " + to_string(limit) + ", found " +
                         std::to_string(size) + " bytes");
  }
  std::vector<std::byte> content(size);
  TRY(read_exactly(file.number(), content, shown));
  const Digest found = sha256(content);
  if (found != digest) {
    return corrupt(shown + ": expected content of SHA-256 " + place.name + ", found " + found.hex() +
                   "; the file was damaged after it was stored, push the same package again to heal it");
  }
  return content;
}

Result<bool> FilesystemArtifacts::contains(const Digest& digest) {
  const std::string place = Place(digest).path();
  struct stat status{};
  if (::fstatat(root_.number(), place.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0) return S_ISREG(status.st_mode);
  if (errno == ENOENT) return false;
  return system_error("cannot inspect artifact", path_ + "/" + place);
}

Result<void> FilesystemArtifacts::remove(const Digest& digest) {
  const std::string place = Place(digest).path();
  // Not made durable: an artifact that comes back after a crash is an orphan, and collected as one.
  if (::unlinkat(root_.number(), place.c_str(), 0) == 0 || errno == ENOENT) return {};
  return system_error("cannot remove artifact", path_ + "/" + place);
}

Result<std::vector<Digest>> FilesystemArtifacts::list() {
  std::vector<Digest> digests;
  for (const std::string& first : TRY(names_in(root_, path_))) {
    if (!is_fan_out(first)) continue;
    const Descriptor outer = TRY(open_folder(root_.number(), first, path_ + "/" + first));
    for (const std::string& second : TRY(names_in(outer, path_ + "/" + first))) {
      if (!is_fan_out(second)) continue;
      const std::string shown = path_ + "/" + first + "/" + second;
      const Descriptor inner = TRY(open_folder(outer.number(), second, shown));
      for (const std::string& name : TRY(names_in(inner, shown))) {
        const auto digest = parse_digest(name);
        // Anything else in here is not ours to touch.
        if (digest && Place(*digest).path() == first + "/" + second + "/" + name) digests.push_back(*digest);
      }
    }
  }
  return digests;
}

}  // namespace slipway::artifacts_filesystem

#include "adapter/artifacts_filesystem/incoming_batch.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "adapter/artifacts_filesystem/artifact_file.h"
#include "adapter/artifacts_filesystem/durability.h"

namespace slipway::artifacts_filesystem {
namespace {

constexpr std::size_t kMostUnsynced = 64;           // descriptors open at once
constexpr std::uint64_t kWriteBehind = 8ULL << 20;  // bytes of a file that are sent to the disk while more arrive

}  // namespace

// A fresh file in incoming/.
class IncomingBatch::Writer final : public ports::ArtifactWriter {
 public:
  Writer(IncomingBatch& batch, std::string name, Descriptor file)
      : batch_(batch), name_(std::move(name)), file_(std::move(file)) {}
  ~Writer() override {
    if (!kept_) ::unlinkat(batch_.folders_.incoming.fd(), name_.c_str(), 0);
  }

  Result<void> write(ByteSpan bytes) override {
    hash_.update(bytes);
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.fd(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return batch_.failed("cannot write an artifact to");
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      size_ += static_cast<std::uint64_t>(written);
    }
    write_behind();
    return {};
  }

  Result<Digest> finish() override {
    if (batch_.broken_) return unavailable("an earlier write to " + batch_.folders_.path + " failed");
    if (::fchmod(file_.fd(), 0400) != 0) return batch_.failed("cannot protect an artifact in");
    const Digest digest = hash_.finish();
    kept_ = true;
    TRY(batch_.keep(digest, name_, std::move(file_)));
    return digest;
  }

 private:
  // So that little is left to wait for at the end. Promises nothing: whether it worked is what fsync says.
  void write_behind() {
    if (size_ - sent_ < kWriteBehind) return;
    ::sync_file_range(file_.fd(), static_cast<off64_t>(sent_), static_cast<off64_t>(size_ - sent_),
                      SYNC_FILE_RANGE_WRITE);
    sent_ = size_;
  }

  IncomingBatch& batch_;
  const std::string name_;
  Descriptor file_;
  std::uint64_t size_ = 0, sent_ = 0;
  Sha256 hash_;
  bool kept_ = false;
};

IncomingBatch::~IncomingBatch() {
  for (const auto& [digest, name] : names_) ::unlinkat(folders_.incoming.fd(), name.c_str(), 0);
}

Error IncomingBatch::failed(const std::string& doing) {
  broken_ = true;
  return system_error(doing, folders_.path);
}

Result<std::unique_ptr<ports::ArtifactWriter>> IncomingBatch::create() {
  std::array<std::byte, 16> random{};
  fill_random(random);
  std::string name = to_hex(random);
  Descriptor file(
      ::openat(folders_.incoming.fd(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return system_error("cannot create an artifact in", folders_.path + "/" + kIncoming);
  return std::unique_ptr<ports::ArtifactWriter>(std::make_unique<Writer>(*this, std::move(name), std::move(file)));
}

Result<void> IncomingBatch::keep(const Digest& digest, std::string name, Descriptor file) {
  if (const auto [at, is_new] = names_.emplace(digest, name); !is_new) {
    ::unlinkat(folders_.incoming.fd(), name.c_str(), 0);  // the same content twice in one package
    return {};
  }
  unsynced_.push_back(std::move(file));
  return unsynced_.size() < kMostUnsynced ? Result<void>() : flush();
}

Result<std::vector<std::byte>> IncomingBatch::read(const Digest& digest, Bytes limit) {
  const auto own = names_.find(digest);
  const std::string path = own == names_.end() ? Place(digest).path() : kIncoming + ("/" + own->second);
  return read_verified(folders_.root.fd(), path, folders_.path + "/" + path, digest, limit);
}

Result<void> IncomingBatch::flush() {
  const auto durable = make_durable(unsynced_, "artifacts in " + folders_.path + "/" + kIncoming);
  unsynced_.clear();
  if (!durable) broken_ = true;
  return durable;
}

Result<void> IncomingBatch::commit() {
  if (broken_) return unavailable("an earlier write to " + folders_.path + " failed");
  TRY(flush());
  auto placed = put_in_place();
  if (!placed) broken_ = true;
  return placed;
}

// At most kMostUnsynced files at a time, so that descriptors stay bounded.
Result<void> IncomingBatch::put_in_place() {
  while (!names_.empty()) {
    // Every folder that gets an entry, or may have got one from an upload that is not done yet.
    std::map<std::string, Descriptor> touched;
    touched.emplace("", TRY(open_folder(folders_.root.fd(), ".", folders_.path)));
    const auto folder = [&](const std::string& path, const std::string& parent,
                            const std::string& name) -> Result<int> {
      if (const auto found = touched.find(path); found != touched.end()) return found->second.fd();
      Descriptor made = TRY(ensure_folder(touched.at(parent).fd(), name, folders_.path + "/" + path));
      return touched.emplace(path, std::move(made)).first->second.fd();
    };
    for (std::size_t i = 0; i < kMostUnsynced && !names_.empty(); ++i) {
      const auto entry = names_.begin();
      const Place place(entry->first);
      TRY(folder(place.first, "", place.first));
      const int into = TRY(folder(place.folder(), place.first, place.second));
      if (::renameat(folders_.incoming.fd(), entry->second.c_str(), into, place.name.c_str()) != 0) {
        return system_error("cannot put in place " + place.path() + " in", folders_.path);
      }
      names_.erase(entry);
    }
    std::vector<Descriptor> folders;
    for (auto& [path, descriptor] : touched) folders.push_back(std::move(descriptor));
    TRY(make_durable(folders, "folders in " + folders_.path));
  }
  return {};
}

}  // namespace slipway::artifacts_filesystem

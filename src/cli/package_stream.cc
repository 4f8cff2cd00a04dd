#include "cli/package_stream.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "base/descriptor.h"
#include "base/text.h"

namespace slipway::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kPiece = 256 * 1024;
constexpr std::size_t kMostFiles = 4096;

std::string in_quotes(const std::string& path) {
  return "\"" + printable(path, 300) + "\"";
}

// An open file and the size it had.
class File {
 public:
  static Result<File> open(const std::string& path) {
    Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!descriptor) return invalid_input("cannot read " + in_quotes(path) + ": " + std::strerror(errno));
    struct stat found{};
    if (::fstat(descriptor.fd(), &found) != 0 || !S_ISREG(found.st_mode)) {
      return invalid_input("expected a regular file or a folder, found " + in_quotes(path));
    }
    return File(path, std::move(descriptor), static_cast<std::uint64_t>(found.st_size));
  }
  Result<std::size_t> read(std::span<char> into) const {
    while (true) {
      const ssize_t size = ::read(descriptor_.fd(), into.data(), into.size());
      if (size >= 0) return static_cast<std::size_t>(size);
      if (errno != EINTR) return invalid_input("cannot read " + in_quotes(path_) + ": " + std::strerror(errno));
    }
  }
  void rewind() const { ::lseek(descriptor_.fd(), 0, SEEK_SET); }
  std::uint64_t size() const { return size_; }

 private:
  File(std::string path, Descriptor descriptor, std::uint64_t size)
      : path_(std::move(path)), descriptor_(std::move(descriptor)), size_(size) {}
  std::string path_;
  Descriptor descriptor_;
  std::uint64_t size_ = 0;
};

class FilePackage final : public Package {
 public:
  FilePackage(File file, std::string filename) : file_(std::move(file)), filename_(std::move(filename)) {}
  Result<std::size_t> read(std::span<char> into) override {
    const std::size_t size = TRY(file_.read(into.first(std::min<std::uint64_t>(into.size(), file_.size() - read_))));
    if (size == 0 && read_ < file_.size())
      return invalid_input(in_quotes(filename_) + " became shorter while it was sent");
    read_ += size;
    return size;
  }
  std::optional<std::uint64_t> size() const override { return file_.size(); }
  const std::string& filename() const override { return filename_; }
  std::uint64_t content_size() const override { return file_.size(); }
  std::uint64_t content_read() const override { return read_; }
  Result<void> rewind() override {
    file_.rewind();
    read_ = 0;
    return {};
  }

 private:
  File file_;
  std::string filename_;
  std::uint64_t read_ = 0;
};

struct Entry {
  std::string path;  // inside the package
  std::string place;
  std::uint64_t size;
};

// Pulls: each read() runs the archiver just far enough to have something to hand out.
class FolderPackage final : public Package {
 public:
  FolderPackage(std::vector<Entry> entries, std::string filename)
      : entries_(std::move(entries)), filename_(std::move(filename)), piece_(kPiece) {
    for (const Entry& entry : entries_) content_size_ += entry.size;
    start();
  }
  ~FolderPackage() override { archive_write_free(archive_); }

  Result<std::size_t> read(std::span<char> into) override {
    while (packed_.size() - taken_ < into.size() && !finished_) TRY(step());
    const std::size_t size = std::min(into.size(), packed_.size() - taken_);
    std::memcpy(into.data(), packed_.data() + taken_, size);
    taken_ += size;
    if (taken_ == packed_.size()) {
      packed_.clear();
      taken_ = 0;
    }
    return size;
  }
  std::optional<std::uint64_t> size() const override { return std::nullopt; }
  const std::string& filename() const override { return filename_; }
  std::uint64_t content_size() const override { return content_size_; }
  std::uint64_t content_read() const override { return content_read_; }
  Result<void> rewind() override {
    archive_write_free(archive_);
    start();
    return {};
  }

 private:
  static la_ssize_t on_packed(archive*, void* user, const void* bytes, std::size_t size) {
    static_cast<FolderPackage*>(user)->packed_.append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
  }

  void start() {
    packed_.clear();
    taken_ = content_read_ = next_ = left_ = 0;
    finished_ = false;
    file_.reset();
    archive_ = archive_write_new();
    // At its fastest level zstd keeps up with a disk, which gzip does not by far.
    archive_write_add_filter_zstd(archive_);
    archive_write_set_filter_option(archive_, "zstd", "compression-level", "1");
    archive_write_set_format_pax_restricted(archive_);
    archive_write_set_bytes_per_block(archive_, 0);
    archive_write_open(archive_, this, nullptr, on_packed, nullptr);
  }

  Error archive_error() const {
    const char* text = archive_error_string(archive_);
    return internal_error("packing the folder: " + std::string(text ? text : "unknown failure"));
  }

  Result<void> step() {
    if (file_) return step_file();
    if (next_ < entries_.size()) return open_next();
    finished_ = true;
    if (archive_write_close(archive_) != ARCHIVE_OK) return archive_error();
    return {};
  }

  Result<void> open_next() {
    const Entry& entry = entries_[next_++];
    file_.emplace(TRY(File::open(entry.place)));
    if (file_->size() != entry.size) return invalid_input(in_quotes(entry.place) + " changed while it was packed");
    left_ = entry.size;
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> head(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname_utf8(head.get(), entry.path.c_str());
    archive_entry_set_size(head.get(), static_cast<la_int64_t>(entry.size));
    archive_entry_set_filetype(head.get(), AE_IFREG);
    archive_entry_set_perm(head.get(), 0644);
    archive_entry_set_mtime(head.get(), 0, 0);
    if (archive_write_header(archive_, head.get()) != ARCHIVE_OK) return archive_error();
    return {};
  }

  Result<void> step_file() {
    const std::size_t want = std::min<std::uint64_t>(piece_.size(), left_);
    const std::size_t size = want == 0 ? 0 : TRY(file_->read(std::span(piece_).first(want)));
    if (size == 0 && left_ > 0)
      return invalid_input(in_quotes(entries_[next_ - 1].place) + " changed while it was packed");
    if (size > 0 && archive_write_data(archive_, piece_.data(), size) != static_cast<la_ssize_t>(size)) {
      return archive_error();
    }
    left_ -= size;
    content_read_ += size;
    if (left_ == 0) file_.reset();
    return {};
  }

  std::vector<Entry> entries_;
  std::string filename_;
  archive* archive_ = nullptr;
  std::string packed_;  // made and not yet handed out, from taken_ on
  std::size_t taken_ = 0;
  std::vector<char> piece_;
  std::optional<File> file_;
  std::size_t next_ = 0;
  std::uint64_t left_ = 0, content_size_ = 0, content_read_ = 0;
  bool finished_ = false;
};

// Regular files of the folder, sorted by their path. Links are refused rather than followed: what is pushed is what
// lies there.
Result<std::vector<Entry>> walk(const fs::path& folder) {
  std::vector<Entry> entries;
  std::error_code failure;
  fs::recursive_directory_iterator at(folder, failure);
  for (; !failure && at != fs::recursive_directory_iterator(); at.increment(failure)) {
    const std::string path = at->path().lexically_relative(folder).generic_string();
    if (path.starts_with('.')) {
      if (at->is_directory(failure) && !at->is_symlink(failure)) at.disable_recursion_pending();
      continue;
    }
    if (at->is_symlink(failure)) {
      return invalid_input("expected regular files in the package, found the link " + in_quotes(at->path().string()));
    }
    if (at->is_directory(failure)) continue;
    if (!at->is_regular_file(failure)) {
      return invalid_input("expected regular files in the package, found the special file " +
                           in_quotes(at->path().string()));
    }
    if (!is_valid_utf8(path)) return invalid_input("expected a file name of UTF-8, found " + in_quotes(path));
    entries.push_back({path, at->path().string(), at->file_size(failure)});
    if (entries.size() > kMostFiles) {
      return invalid_input("expected at most " + std::to_string(kMostFiles) + " files in the package, found more");
    }
  }
  if (failure) return invalid_input("cannot read the folder " + in_quotes(folder.string()) + ": " + failure.message());
  if (entries.empty()) return invalid_input("expected a package, found the empty folder " + in_quotes(folder.string()));
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.path < b.path; });
  return entries;
}

}  // namespace

Result<std::unique_ptr<Package>> Package::open(const std::string& path) {
  std::error_code failure;
  const fs::path place = fs::absolute(path, failure).lexically_normal();
  const fs::path name = place.has_filename() ? place.filename() : place.parent_path().filename();
  if (fs::is_directory(place, failure)) {
    return std::unique_ptr<Package>(
        std::make_unique<FolderPackage>(TRY(walk(place)), printable(name.string(), 200) + ".tar.zst"));
  }
  return std::unique_ptr<Package>(std::make_unique<FilePackage>(TRY(File::open(path)), printable(name.string(), 200)));
}

}  // namespace slipway::cli

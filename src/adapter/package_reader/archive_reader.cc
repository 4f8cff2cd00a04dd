#include "adapter/package_reader/archive_reader.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "adapter/package_reader/byte_source.h"
#include "adapter/package_reader/entry_names.h"
#include "adapter/package_reader/tar_end.h"
#include "adapter/package_reader/tar_headers.h"
#include "adapter/package_reader/zip_directory.h"
#include "base/text.h"

namespace slipway::package_reader {
namespace {

constexpr std::size_t kPiece = 64 << 10;
constexpr std::uint64_t kEntriesPerFile = 4;  // folders and headers, in proportion to the files that are allowed

// libarchive turns names into the thread's character set: UTF-8 while this lives.
class Utf8Names {
 public:
  Utf8Names() : utf8_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
    if (utf8_) before_ = ::uselocale(utf8_);
  }
  ~Utf8Names() {
    if (!utf8_) return;
    ::uselocale(before_);
    ::freelocale(utf8_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t utf8_;
  locale_t before_ = nullptr;
};

// What libarchive's callbacks read from. An error is kept here, since libarchive carries none of ours.
struct Feed {
  UploadFile* file = nullptr;          // of a zip, which needs to seek
  std::unique_ptr<ByteSource> source;  // of a tar
  TarEnd end;
  TarHeaders headers;
  std::vector<std::byte> piece;
  std::optional<Error> failure;
};

la_ssize_t on_read(archive*, void* client, const void** buffer) {
  Feed& feed = *static_cast<Feed*>(client);
  if (feed.failure) return ARCHIVE_FATAL;
  if (feed.source) {
    auto piece = feed.source->next();
    if (!piece.ok()) {
      feed.failure = piece.error();
      return ARCHIVE_FATAL;
    }
    feed.end.saw(*piece);
    feed.headers.saw(*piece);
    *buffer = piece->data();
    return static_cast<la_ssize_t>(piece->size());
  }
  const auto got = feed.file->read(feed.piece);
  if (!got.ok()) {
    feed.failure = got.error();
    return ARCHIVE_FATAL;
  }
  *buffer = feed.piece.data();
  return static_cast<la_ssize_t>(*got);
}

la_int64_t on_seek(archive*, void* client, la_int64_t offset, int whence) {
  UploadFile& file = *static_cast<Feed*>(client)->file;
  const auto size = static_cast<la_int64_t>(file.size());
  const la_int64_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? static_cast<la_int64_t>(file.position()) : size;
  const la_int64_t to = std::clamp<la_int64_t>(from + std::clamp<la_int64_t>(offset, -size, size), 0, size);
  file.seek(static_cast<std::uint64_t>(to));
  return to;
}

la_int64_t on_skip(archive*, void* client, la_int64_t count) {
  UploadFile& file = *static_cast<Feed*>(client)->file;
  const std::uint64_t step = std::min<std::uint64_t>(static_cast<std::uint64_t>(std::max<la_int64_t>(count, 0)),
                                                     file.size() - std::min(file.size(), file.position()));
  file.seek(file.position() + step);
  return static_cast<la_int64_t>(step);
}

// One archive being read into the store.
class Unpacking {
 public:
  Unpacking(const ports::PackageLimits& limits, ports::ArtifactShelf& store)
      : limits_(limits), store_(store), archive_(archive_read_new(), archive_read_free) {}

  Result<std::vector<model::PackageFile>> tar(UploadBytes& upload, UploadKind kind) {
    if (!archive_) return no_memory();
    // A tar's headers and padding come on top of its files.
    const std::uint64_t most = limits_.total.count + limits_.files * kEntriesPerFile * 4096 + (1 << 20);
    feed_.source = make_source(upload, kind, {most, limits_.ratio});
    archive_read_support_format_tar(archive_.get());
    upload_ = &upload;
    return run();
  }

  Result<std::vector<model::PackageFile>> zip(UploadFile& file) {
    if (!archive_) return no_memory();
    TRY(check_zip_directory(file));
    feed_.file = &file;
    feed_.piece.resize(kPiece);
    archive_read_support_format_zip_seekable(archive_.get());
    archive_read_set_seek_callback(archive_.get(), on_seek);
    archive_read_set_skip_callback(archive_.get(), on_skip);
    return run();
  }

 private:
  Result<std::vector<model::PackageFile>> run() {
    archive_read_set_read_callback(archive_.get(), on_read);
    archive_read_set_callback_data(archive_.get(), &feed_);
    if (archive_read_open1(archive_.get()) != ARCHIVE_OK) return failure("it is no archive");
    std::uint64_t entries = 0;
    while (archive_entry* entry = TRY(next_entry())) {
      if (++entries > limits_.files * kEntriesPerFile) return too_many();
      TRY(take(entry));
    }
    if (is_tar()) TRY(check_tar_end());
    strip_common_folder(files_);
    std::ranges::sort(files_, {}, &model::PackageFile::path);
    return std::move(files_);
  }

  Result<archive_entry*> next_entry() {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(archive_.get(), &entry);
    if (status == ARCHIVE_EOF) return static_cast<archive_entry*>(nullptr);
    if (status != ARCHIVE_OK) return failure("an entry's header is damaged");
    if (is_tar()) {
      TRY(feed_.headers.check_names(static_cast<std::uint64_t>(archive_read_header_position(archive_.get())),
                                    position()));
    }
    return entry;
  }

  Result<void> take(archive_entry* entry) {
    const char* raw = archive_entry_pathname_utf8(entry);
    if (!raw) raw = archive_entry_pathname(entry);
    if (!raw) return invalid_input("an entry has no readable name");
    std::string path = raw;
    const auto within = [&](Error error) { return std::move(error).within("entry \"" + printable(path) + "\""); };
    if (archive_entry_is_encrypted(entry)) return within(invalid_input("it is encrypted"));
    if (archive_entry_hardlink(entry) || archive_entry_symlink(entry)) {
      return within(invalid_input("it is a link; a package holds regular files and folders only"));
    }
    const auto type = archive_entry_filetype(entry);
    if (type != AE_IFREG && type != AE_IFDIR) {
      return within(
          invalid_input("it is a device or another special file; a package holds regular files and folders only"));
    }
    if (archive_entry_sparse_count(entry) > 0)
      return within(invalid_input("it is a sparse file; pack it without holes"));
    const bool is_folder = type == AE_IFDIR;
    if (is_folder && path.ends_with('/')) path.pop_back();
    if (is_folder && (path == "." || path.empty())) return {};  // what `tar -C folder .` writes first
    if (path.starts_with("./")) path.erase(0, 2);
    auto added = names_.add(path, is_folder);
    if (!added.ok()) return std::move(added).error();
    if (is_folder) return drain(path);
    return store(path, entry);
  }

  // A folder has no bytes; reading them moves past its padding.
  Result<void> drain(const std::string& path) {
    const void* piece = nullptr;
    std::size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(archive_.get(), &piece, &size, &offset);
    if (status == ARCHIVE_OK && size > 0)
      return invalid_input("entry \"" + printable(path) + "\": a folder with content");
    if (status != ARCHIVE_EOF && status != ARCHIVE_OK)
      return failure("the folder \"" + printable(path) + "\" is damaged");
    mark_content();
    return {};
  }

  Result<void> store(const std::string& path, archive_entry* entry) {
    if (files_.size() >= limits_.files) return too_many();
    const std::string where = "entry \"" + printable(path) + "\"";
    if (archive_entry_size_is_set(entry) && archive_entry_size(entry) < 0)
      return invalid_input(where + ": negative size");
    auto writer = TRY(store_.create());
    model::PackageFile file{.path = path, .size = 0, .digest = {}};
    while (true) {
      const void* data = nullptr;
      std::size_t size = 0;
      la_int64_t offset = 0;
      const int status = archive_read_data_block(archive_.get(), &data, &size, &offset);
      if (status == ARCHIVE_EOF) break;
      if (status != ARCHIVE_OK) return failure(where + ": its data are damaged or cut off");
      feed_.headers.pass(position());
      if (offset != static_cast<la_int64_t>(file.size)) return invalid_input(where + ": its data have holes");
      file.size += size;
      total_ += size;
      TRY(check_expansion(total_, packed(), {limits_.total.count, limits_.ratio}));
      TRY(writer->write({static_cast<const std::byte*>(data), size}));
    }
    if (archive_entry_size_is_set(entry) && static_cast<std::uint64_t>(archive_entry_size(entry)) != file.size) {
      return invalid_input(where + ": expected " + std::to_string(archive_entry_size(entry)) + " bytes, found " +
                           std::to_string(file.size));
    }
    file.digest = TRY(writer->finish());
    files_.push_back(std::move(file));
    mark_content();
    return {};
  }

  bool is_tar() const { return feed_.source != nullptr; }
  // How much of the upload there is, or was read: what is unpacked came out of that.
  std::uint64_t packed() const { return is_tar() ? upload_->position() : feed_.file->size(); }

  // In the tar, of what libarchive has not taken yet.
  std::uint64_t position() { return static_cast<std::uint64_t>(archive_filter_bytes(archive_.get(), 0)); }

  void mark_content() {
    feed_.end.content_ends_at(position());
    feed_.headers.pass(position());
  }

  // Reads on to the end of the upload: only zeros may follow, and at least the two blocks that end a tar.
  Result<void> check_tar_end() {
    while (true) {
      const ByteSpan piece = TRY(feed_.source->next());
      if (piece.empty()) return feed_.end.check();
      feed_.end.saw(piece);
    }
  }

  Error failure(const std::string& what) {
    if (feed_.failure) return *feed_.failure;
    const char* reason = archive_error_string(archive_.get());
    return invalid_input("the archive cannot be read: " + what + (reason ? std::string(" (") + reason + ")" : ""));
  }

  static Error no_memory() { return unavailable("not enough memory to read an archive"); }

  Error too_many() const {
    return invalid_input("expected at most " + std::to_string(limits_.files) + " files, found more");
  }

  const ports::PackageLimits& limits_;
  ports::ArtifactShelf& store_;
  Feed feed_;
  const UploadBytes* upload_ = nullptr;  // of a tar
  std::unique_ptr<archive, int (*)(archive*)> archive_;
  EntryNames names_;
  std::vector<model::PackageFile> files_;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<std::vector<model::PackageFile>> read_tar(UploadBytes& upload, UploadKind kind,
                                                 const ports::PackageLimits& limits, ports::ArtifactShelf& store) {
  const Utf8Names names;
  return Unpacking(limits, store).tar(upload, kind);
}

Result<std::vector<model::PackageFile>> read_zip(UploadFile& file, const ports::PackageLimits& limits,
                                                 ports::ArtifactShelf& store) {
  const Utf8Names names;
  return Unpacking(limits, store).zip(file);
}

}  // namespace slipway::package_reader

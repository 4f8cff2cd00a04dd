// LocalFolder: content on its way to S3, and copies of what was there.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/descriptor.h"
#include "base/digest.h"
#include "base/guarded.h"
#include "base/result.h"

namespace slipway::artifacts_s3 {

// A file that is removed with its owner, unless it was kept. One thread.
class SpooledFile {
 public:
  SpooledFile(std::string path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  ~SpooledFile();
  SpooledFile(SpooledFile&& other) noexcept
      : path_(std::exchange(other.path_, "")), file_(std::move(other.file_)), size_(other.size_) {}
  SpooledFile& operator=(SpooledFile&& other) = delete;

  // Unavailable, Overloaded: no space left.
  Result<void> write(ByteSpan bytes);
  std::uint64_t size() const { return size_; }
  const std::string& path() const { return path_; }
  void close() { file_.close(); }  // its bytes stay
  Result<Descriptor> open_to_read() const;
  // All of its bytes, hashed. InvalidInput: more than `limit`; Corrupt: not those of `digest`.
  Result<std::vector<std::byte>> read(const Digest& digest, Bytes limit) const;

 private:
  std::string path_;  // empty: moved away
  Descriptor file_;
  std::uint64_t size_ = 0;
};

// Owned by the store. Any thread. Of one process at a time: what another left in incoming/ is removed when it opens.
// Copies are dropped, the least used first, when there are more than `limit` bytes of them; they are hashed whenever
// they are read, and one that is damaged is removed. A copy that cannot be written is none, which costs a transfer.
class LocalFolder {
 public:
  static Result<std::unique_ptr<LocalFolder>> open(const std::string& path, Bytes limit);

  Result<SpooledFile> create();
  // None: there is no whole copy of at most `most`.
  std::optional<std::vector<std::byte>> read(const Digest& digest, Bytes most);
  void keep(const Digest& digest, const SpooledFile& file);  // takes its bytes away
  void keep(const Digest& digest, ByteSpan content);
  void forget(const Digest& digest);

 private:
  struct Copies {
    struct Copy {
      std::uint64_t size = 0;
      std::list<Digest>::iterator place;
    };
    std::map<Digest, Copy> by_digest;
    std::list<Digest> order;  // the least used first
    std::uint64_t total = 0;
  };
  LocalFolder(std::string path, Bytes limit) : path_(std::move(path)), limit_(limit) {}
  Result<void> prepare();
  std::string copy_path(const Digest& digest) const;
  void enter(Copies& copies, const Digest& digest, std::uint64_t size);
  void drop(Copies& copies, const Digest& digest);

  const std::string path_;
  const Bytes limit_;
  Guarded<Copies> copies_;
};

// What a system call's failure means, by errno: "DOING: reason". No space is Overloaded.
Error file_error(const std::string& doing);

}  // namespace slipway::artifacts_s3

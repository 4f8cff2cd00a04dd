// Opens packages from bytes, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

#include "adapter/package_reader/package_reader.h"
#include "adapter/store_memory/memory_artifacts.h"

namespace slipway::package_reader::test {

// Bytes that come in pieces of all sizes.
class Arrival final : public ports::ArrivingPackage {
 public:
  Arrival(std::string_view bytes, std::filesystem::path spool) : rest_(bytes), spool_(std::move(spool)) {}

  Result<std::size_t> read(MutableByteSpan into) override {
    static constexpr std::array<std::size_t, 5> kSizes = {1, 700, 13, 512, 100'000};
    const std::size_t count = std::min({into.size(), rest_.size(), kSizes[turn_++ % kSizes.size()]});
    if (count != 0) std::memcpy(into.data(), rest_.data(), count);
    rest_.remove_prefix(count);
    if (count == 0) has_ended = true;
    return count;
  }
  Result<std::string> spool(ByteSpan seen) override {
    std::ofstream file(spool_, std::ios::binary);
    file << as_text(seen) << rest_;
    has_ended = true;
    return spool_.string();
  }

  bool has_ended = false;

 private:
  std::string_view rest_;
  const std::filesystem::path spool_;
  std::size_t turn_ = 0;
};

// A reader with a store in memory and a folder of its own, removed at the end.
class Upload {
 public:
  explicit Upload(const ports::PackageLimits& limits = {}) : reader_(make_package_reader(limits)) {
    std::string pattern = (std::filesystem::temp_directory_path() / "slipway-package-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Upload() { std::filesystem::remove_all(folder_); }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  // Also while they arrive, which must come to the same.
  Result<ports::OpenedPackage> open(std::string_view bytes, std::string_view filename = "upload") {
    const std::filesystem::path path = folder_ / "upload";
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    auto opened = open_file(path.string(), filename);
    expect_same_while_arriving(bytes, filename, opened);
    return opened;
  }
  Result<ports::OpenedPackage> open_file(const std::string& path, std::string_view filename) {
    return reader_->open(path, filename, store_);
  }

  store_memory::MemoryArtifacts& store() { return store_; }
  ports::PackageReader& reader() { return *reader_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  // When a limit is passed, one has counted more than the other.
  static std::string without_digits(std::string text) {
    std::erase_if(text, [](char c) { return c >= '0' && c <= '9'; });
    return text;
  }
  void expect_same_while_arriving(std::string_view bytes, std::string_view filename,
                                  const Result<ports::OpenedPackage>& opened) {
    Arrival arrival(bytes, folder_ / "spool");
    store_memory::MemoryArtifacts store;
    const auto taken = reader_->take(arrival, filename, store);
    ASSERT_EQ(taken.ok(), opened.ok()) << (taken.ok() ? opened : taken).error().message;
    if (!opened.ok()) {
      EXPECT_EQ(taken.error().code, opened.error().code);
      EXPECT_EQ(without_digits(taken.error().message), without_digits(opened.error().message));
      return;
    }
    EXPECT_TRUE(arrival.has_ended);
    EXPECT_EQ(taken->files, opened->files);
    EXPECT_EQ(taken->manifest, opened->manifest);
    EXPECT_EQ(taken->manifest_text, opened->manifest_text);
    EXPECT_EQ(taken->suggested_name, opened->suggested_name);
    for (const model::PackageFile& file : taken->files) EXPECT_TRUE(store.contains(file.digest).value()) << file.path;
  }

  store_memory::MemoryArtifacts store_;
  std::unique_ptr<ports::PackageReader> reader_;
  std::filesystem::path folder_;
};

}  // namespace slipway::package_reader::test

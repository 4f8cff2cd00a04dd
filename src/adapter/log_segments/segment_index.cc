#include "adapter/log_segments/segment_index.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <tuple>

#include "adapter/log_segments/segment_file.h"
#include "base/descriptor.h"

namespace slipway::log_segments {
namespace {

constexpr std::string_view kIndexMagic = "SLPWIDX1";

struct Head {
  char magic[8];
  std::uint64_t segment_size;
  std::uint64_t entries;
  std::uint64_t names;  // bytes
  std::uint32_t crc;    // of what is before it, and of what follows the head
  std::uint32_t zero;
};
constexpr std::size_t kBeforeCrc = offsetof(Head, crc);
static_assert(sizeof(Head) == 40 && sizeof(SegmentIndex::Entry) == 16);

std::string_view bytes_of(const auto& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

bool is_before(const SegmentIndex::Entry& a, const SegmentIndex::Entry& b) {
  return std::tie(a.hash, a.kind, a.place) < std::tie(b.hash, b.kind, b.place);
}

void collect(std::span<const SegmentIndex::Entry> entries, std::uint64_t hash, KeyKind kind,
             std::vector<std::uint32_t>& places) {
  auto at = std::ranges::upper_bound(entries, SegmentIndex::Entry{hash, UINT32_MAX, kind}, is_before);
  while (at != entries.begin() && (--at)->hash == hash && at->kind == kind) places.push_back(at->place);
}

// A file of these, one after another, on the disk.
Result<void> write_file(const std::string& path, std::initializer_list<std::string_view> parts) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return unavailable(path + " cannot be written: " + std::strerror(errno));
  for (const std::string_view part : parts) TRY(write_all(file.fd(), part, path));
  if (::fdatasync(file.fd()) != 0) return unavailable(path + " cannot be written: " + std::strerror(errno));
  return {};
}

}  // namespace

SegmentIndex::SegmentIndex(SegmentIndex&& other) noexcept {
  *this = std::move(other);
}

SegmentIndex& SegmentIndex::operator=(SegmentIndex&& other) noexcept {
  std::swap(grown_, other.grown_);
  std::swap(sorted_, other.sorted_);
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_size_, other.mapped_size_);
  std::swap(entries_, other.entries_);
  return *this;
}

SegmentIndex::~SegmentIndex() {
  if (mapped_ != nullptr) ::munmap(const_cast<char*>(mapped_), mapped_size_);
}

Result<SegmentIndex> SegmentIndex::map(const std::string& path, std::uint64_t size, ModelNames& names) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status{};
  if (!file || ::fstat(file.fd(), &status) != 0) return not_found(path + " cannot be opened");
  const auto whole = static_cast<std::size_t>(status.st_size);
  if (whole < sizeof(Head)) return not_found(path + " is cut off");
  void* const at = ::mmap(nullptr, whole, PROT_READ, MAP_SHARED, file.fd(), 0);
  if (at == MAP_FAILED) return not_found(path + " cannot be mapped: " + std::strerror(errno));
  SegmentIndex index;
  index.mapped_ = static_cast<const char*>(at);
  index.mapped_size_ = whole;
  Head head;
  std::memcpy(&head, index.mapped_, sizeof head);
  const bool is_ours = std::string_view(head.magic, sizeof head.magic) == kIndexMagic && head.segment_size == size &&
                       head.entries <= whole / sizeof(Entry) && head.names <= whole &&
                       sizeof head + head.entries * sizeof(Entry) + head.names == whole;
  const std::string_view bytes(index.mapped_, whole);
  if (!is_ours || crc_of(bytes.substr(0, kBeforeCrc), bytes.substr(sizeof head)) != head.crc) {
    return not_found(path + " is no index of that segment");
  }
  index.entries_ = {reinterpret_cast<const Entry*>(index.mapped_ + sizeof head), head.entries};
  TRY(read_names({index.mapped_ + whole - head.names, head.names}, names));
  return index;
}

Result<void> SegmentIndex::seal(const std::string& path, std::uint64_t size, const ModelNames& names) {
  sort();
  const std::string told = written(names);
  Head head{{}, size, grown_.size(), told.size(), 0, 0};
  std::memcpy(head.magic, kIndexMagic.data(), kIndexMagic.size());
  const std::string draft = path + ".new";
  std::string content(reinterpret_cast<const char*>(grown_.data()), grown_.size() * sizeof(Entry));
  content += told;
  head.crc = crc_of(bytes_of(head).substr(0, kBeforeCrc), content);
  auto wrote = write_file(draft, {bytes_of(head), content});
  if (wrote.ok() && ::rename(draft.c_str(), path.c_str()) != 0) {
    wrote = unavailable(path + " cannot be written: " + std::strerror(errno));
  }
  if (!wrote) {
    ::unlink(draft.c_str());
    return wrote;
  }
  ModelNames same;
  auto mapped = map(path, size, same);
  if (!mapped) return std::move(mapped).error();
  *this = std::move(*mapped);
  return {};
}

void SegmentIndex::sort() {
  if (sorted_ == grown_.size()) return;
  const auto middle = grown_.begin() + static_cast<std::ptrdiff_t>(sorted_);
  std::sort(middle, grown_.end(), is_before);
  std::inplace_merge(grown_.begin(), middle, grown_.end(), is_before);
  sorted_ = grown_.size();
}

std::vector<std::uint32_t> SegmentIndex::find(std::uint64_t hash, KeyKind kind) {
  sort();
  std::vector<std::uint32_t> places;
  collect(grown_, hash, kind, places);
  collect(entries_, hash, kind, places);
  places.erase(std::ranges::unique(places).begin(), places.end());
  return places;
}

std::string written(const ModelNames& names) {
  std::string out;
  for (const auto& [hash, name] : names) {
    const auto size = static_cast<std::uint16_t>(name.text().size());
    out.append(bytes_of(hash)).append(bytes_of(size)).append(name.text());
  }
  return out;
}

Result<void> read_names(std::string_view payload, ModelNames& into) {
  constexpr std::size_t kFixed = sizeof(std::uint64_t) + sizeof(std::uint16_t);
  while (!payload.empty()) {
    std::uint64_t hash = 0;
    std::uint16_t size = 0;
    if (payload.size() < kFixed) return corrupt("prediction log: a model's name is cut off");
    std::memcpy(&hash, payload.data(), sizeof hash);
    std::memcpy(&size, payload.data() + sizeof hash, sizeof size);
    if (payload.size() - kFixed < size) return corrupt("prediction log: a model's name is cut off");
    auto name = model::ModelName::parse(payload.substr(kFixed, size));
    if (!name) return corrupt("prediction log: " + name.error().message);
    into.emplace(hash, *std::move(name));
    payload.remove_prefix(kFixed + size);
  }
  return {};
}

}  // namespace slipway::log_segments

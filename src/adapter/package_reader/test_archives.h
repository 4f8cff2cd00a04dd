// Archives made byte by byte, as attackers make them, for the tests of this room.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

namespace slipway::package_reader::test {

std::uint32_t crc_of(std::string_view bytes);

// A ustar archive.
class Tar {
 public:
  Tar& file(std::string_view path, std::string_view content) { return entry(path, content, '0'); }
  // `type`: '0' file, '1' hard link, '2' symbolic link, '3' and '4' devices, '5' folder, '6' FIFO.
  Tar& entry(std::string_view path, std::string_view content, char type, std::string_view target = "") {
    header(path, content.size(), type, target);
    return pad(content);
  }
  // A pax header that gives the next entry another path.
  Tar& pax_path(std::string_view path) { return pax("path", path); }
  Tar& pax(std::string_view key, std::string_view value) {
    const std::string body = " " + std::string(key) + "=" + std::string(value) + "\n";
    std::size_t size = body.size() + 1;
    while (std::to_string(size).size() + body.size() != size) ++size;
    return entry("pax", std::to_string(size) + body, 'x');
  }
  Tar& raw(std::string_view bytes) {
    bytes_ += bytes;
    return *this;
  }
  std::string unfinished() const { return bytes_; }
  std::string bytes() const { return bytes_ + std::string(1024, '\0'); }

 private:
  void header(std::string_view path, std::size_t size, char type, std::string_view target) {
    char block[512] = {};
    std::memcpy(block, path.data(), path.size() < 100 ? path.size() : 100);
    std::snprintf(block + 100, 8, "%07o", 0644);
    std::snprintf(block + 108, 8, "%07o", 0);
    std::snprintf(block + 116, 8, "%07o", 0);
    std::snprintf(block + 124, 12, "%011lo", static_cast<unsigned long>(size));
    std::snprintf(block + 136, 12, "%011o", 0);
    block[156] = type;
    std::memcpy(block + 157, target.data(), target.size() < 100 ? target.size() : 100);
    std::memcpy(block + 257, "ustar\00000", 8);
    std::memset(block + 148, ' ', 8);
    unsigned sum = 0;
    for (const char c : block) sum += static_cast<unsigned char>(c);
    std::snprintf(block + 148, 8, "%06o", sum);
    bytes_.append(block, sizeof block);
  }
  Tar& pad(std::string_view content) {
    bytes_ += content;
    bytes_.append((512 - content.size() % 512) % 512, '\0');
    return *this;
  }

  std::string bytes_;
};

// A zip of stored entries.
class Zip {
 public:
  struct Entry {
    std::uint16_t flags = 0;
    std::uint32_t mode = 0100644;  // of UNIX
    std::uint32_t crc_change = 0;
  };

  Zip& file(std::string_view path, std::string_view content) { return entry(path, content, Entry()); }
  Zip& entry(std::string_view path, std::string_view content, const Entry& how) {
    const std::uint32_t crc = crc_of(content) ^ how.crc_change;
    const std::size_t offset = bytes_.size();
    std::string fields;
    put(fields, how.flags, 2), put(fields, 0, 2), put(fields, 0, 4), put(fields, crc, 4);
    put(fields, content.size(), 4), put(fields, content.size(), 4), put(fields, path.size(), 2), put(fields, 0, 2);
    bytes_ += "PK\x03\x04";
    put(bytes_, 20, 2);
    bytes_ += fields;
    bytes_ += path;
    bytes_ += content;
    directory_ += "PK\x01\x02";
    put(directory_, 3 << 8 | 20, 2), put(directory_, 20, 2);
    directory_ += fields;
    put(directory_, 0, 2), put(directory_, 0, 2), put(directory_, 0, 2), put(directory_, how.mode << 16, 4);
    put(directory_, offset, 4);
    directory_ += path;
    ++entries_;
    return *this;
  }
  // The same with the ends of a zip64, and all that may be saturated is.
  std::string bytes64() const {
    std::string out = bytes_ + directory_;
    const std::size_t record = out.size();
    out += "PK\x06\x06";
    put(out, 44, 8), put(out, 3 << 8 | 45, 2), put(out, 45, 2), put(out, 0, 4), put(out, 0, 4);
    put(out, entries_, 8), put(out, entries_, 8), put(out, directory_.size(), 8), put(out, bytes_.size(), 8);
    out += "PK\x06\x07";
    put(out, 0, 4), put(out, record, 8), put(out, 1, 4);
    out += "PK\x05\x06";
    put(out, 0, 4), put(out, 0xffff, 2), put(out, 0xffff, 2), put(out, 0xffffffff, 4), put(out, 0xffffffff, 4);
    put(out, 0, 2);
    return out;
  }
  std::string bytes() const {
    std::string out = bytes_ + directory_ + "PK\x05\x06";
    put(out, 0, 4), put(out, entries_, 2), put(out, entries_, 2);
    put(out, directory_.size(), 4), put(out, bytes_.size(), 4), put(out, 0, 2);
    return out;
  }

 private:
  static void put(std::string& out, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) out += static_cast<char>(value >> (8 * i));
  }

  std::string bytes_;
  std::string directory_;
  std::uint64_t entries_ = 0;
};

std::string gzip(std::string_view bytes);
std::string zstd(std::string_view bytes);

}  // namespace slipway::package_reader::test

#include "failing_disk.h"

#include <sqlite3.h>

#include <cstring>

#include "base/invariant.h"

namespace slipway::contract {
namespace {

// SQLite calls these through C structures, which have room for no object: one disk at a time.
std::atomic<int> write_status{SQLITE_OK};
std::atomic<int> sync_status{SQLITE_OK};
std::atomic<int> sync_count{0};
std::atomic<bool> syncs_held{false};
sqlite3_vfs* real_disk = nullptr;

struct File {
  sqlite3_file base;
  sqlite3_file* real;  // right behind this structure
};
sqlite3_file* real_of(sqlite3_file* file) {
  return reinterpret_cast<File*>(file)->real;
}

int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
  const int status = write_status;
  if (status != SQLITE_OK) return status;
  return real_of(file)->pMethods->xWrite(real_of(file), bytes, count, offset);
}
int sync(sqlite3_file* file, int flags) {
  ++sync_count;
  syncs_held.wait(true);
  const int status = sync_status;
  if (status != SQLITE_OK) return status;
  return real_of(file)->pMethods->xSync(real_of(file), flags);
}
int close(sqlite3_file* file) {
  return real_of(file)->pMethods->xClose(real_of(file));
}
int read(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
  return real_of(file)->pMethods->xRead(real_of(file), into, count, offset);
}
int truncate(sqlite3_file* file, sqlite3_int64 size) {
  return real_of(file)->pMethods->xTruncate(real_of(file), size);
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}
int lock(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xLock(real_of(file), level);
}
int unlock(sqlite3_file* file, int level) {
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
int check_reserved_lock(sqlite3_file* file, int* held) {
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), held);
}
int file_control(sqlite3_file* file, int what, void* argument) {
  return real_of(file)->pMethods->xFileControl(real_of(file), what, argument);
}
int sector_size(sqlite3_file* file) {
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}
int characteristics(sqlite3_file* file) {
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
int shared_map(sqlite3_file* file, int page, int size, int extend, void volatile** memory) {
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, memory);
}
int shared_lock(sqlite3_file* file, int offset, int count, int flags) {
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}
void shared_barrier(sqlite3_file* file) {
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}
int shared_unmap(sqlite3_file* file, int remove) {
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

const sqlite3_io_methods kMethods = {2,
                                     close,
                                     read,
                                     write,
                                     truncate,
                                     sync,
                                     file_size,
                                     lock,
                                     unlock,
                                     check_reserved_lock,
                                     file_control,
                                     sector_size,
                                     characteristics,
                                     shared_map,
                                     shared_lock,
                                     shared_barrier,
                                     shared_unmap,
                                     nullptr,
                                     nullptr};

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  auto* ours = reinterpret_cast<File*>(file);
  ours->real = reinterpret_cast<sqlite3_file*>(ours + 1);
  ours->base.pMethods = nullptr;
  const int status = real_disk->xOpen(real_disk, name, ours->real, flags, out_flags);
  if (status == SQLITE_OK) ours->base.pMethods = &kMethods;
  return status;
}

sqlite3_vfs failing_disk;

}  // namespace

FailingDisk::FailingDisk() {
  invariant(real_disk == nullptr, "there is one failing disk at a time");
  heal();
  invariant(sqlite3_initialize() == SQLITE_OK, "SQLite starts");
  real_disk = sqlite3_vfs_find(nullptr);
  failing_disk = *real_disk;
  failing_disk.zName = "failing-disk";
  failing_disk.pNext = nullptr;
  failing_disk.szOsFile = static_cast<int>(sizeof(File)) + real_disk->szOsFile;
  failing_disk.xOpen = open;
  invariant(sqlite3_vfs_register(&failing_disk, 1) == SQLITE_OK, "a disk can be added");
}

FailingDisk::~FailingDisk() {
  sqlite3_vfs_unregister(&failing_disk);
  sqlite3_vfs_register(real_disk, 1);
  real_disk = nullptr;
}

void FailingDisk::fail_writes(int status) {
  write_status = status;
}
void FailingDisk::fail_syncs() {
  sync_status = SQLITE_IOERR_FSYNC;
}
void FailingDisk::hold_syncs() {
  syncs_held = true;
}
void FailingDisk::release_syncs() {
  syncs_held = false;
  syncs_held.notify_all();
}
int FailingDisk::syncs() const {
  return sync_count;
}
void FailingDisk::heal() {
  write_status = SQLITE_OK;
  sync_status = SQLITE_OK;
}

}  // namespace slipway::contract

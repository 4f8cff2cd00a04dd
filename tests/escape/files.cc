// Reading, writing, listing and naming files outside.
#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "escape/attempt.h"

namespace slipway::escape {
namespace {

std::string secret(const Outside& outside) {
  return outside.folder + "/secret";
}
std::string beside(const Outside& outside) {
  return outside.folder + "/left-behind";
}
std::string of_process(const Outside& outside, const char* what) {
  return "/proc/" + std::to_string(outside.process) + "/" + what;
}

bool has_text(int fd) {
  char text[16];
  const bool read_some = fd >= 0 && read(fd, text, sizeof text) > 0;
  if (fd >= 0) close(fd);
  return read_some;
}
bool can_read(const std::string& path) {
  return has_text(open(path.c_str(), O_RDONLY));
}

constexpr Attempt kAttempts[] = {
    {"open", [](const Outside& outside) { return can_read(secret(outside)); }},
    {"open_password_file", [](const Outside&) { return can_read("/etc/passwd"); }},
    {"openat2",
     [](const Outside& outside) {
       open_how how{};
       how.flags = O_RDONLY;
       return has_text(static_cast<int>(syscall(SYS_openat2, AT_FDCWD, secret(outside).c_str(), &how, sizeof how)));
     }},
    {"open_through_own_root", [](const Outside& outside) { return can_read("/proc/self/root" + secret(outside)); }},
    {"open_through_other_root",
     [](const Outside& outside) { return can_read(of_process(outside, "root") + secret(outside)); }},
    {"read_other_environment", [](const Outside& outside) { return can_read(of_process(outside, "environ")); }},
    {"open_other_memory",
     [](const Outside& outside) { return open(of_process(outside, "mem").c_str(), O_RDONLY) >= 0; }},
    {"read_sibling_memory_file",
     [](const Outside& outside) {
       return can_read(of_process(outside, "fd/") + std::to_string(outside.sibling_file));
     }},
    {"read_own_maps", [](const Outside&) { return can_read("/proc/self/maps"); }},
    {"read_system_devices", [](const Outside&) { return can_read("/sys/kernel/mm/transparent_hugepage/enabled"); }},
    {"read_inherited_descriptor",
     [](const Outside&) {
       for (int fd = 3; fd < 1024; ++fd) {
         char text[7] = {};
         if (pread(fd, text, 6, 0) == 6 && std::string_view(text) == "SECRET") return true;
       }
       return false;
     }},
    {"list_folder", [](const Outside& outside) { return opendir(outside.folder.c_str()) != nullptr; }},
    {"stat",
     [](const Outside& outside) {
       struct stat found{};
       return stat(secret(outside).c_str(), &found) == 0;
     }},
    {"access", [](const Outside& outside) { return access(secret(outside).c_str(), F_OK) == 0; }},
    {"read_link",
     [](const Outside&) {
       char path[256];
       return readlink("/proc/self/exe", path, sizeof path) > 0;
     }},
    {"make_file", [](const Outside& outside) { return open(beside(outside).c_str(), O_WRONLY | O_CREAT, 0600) >= 0; }},
    {"make_unnamed_file",
     [](const Outside& outside) { return open(outside.folder.c_str(), O_TMPFILE | O_RDWR, 0600) >= 0; }},
    {"append",
     [](const Outside& outside) {
       const int fd = open(secret(outside).c_str(), O_WRONLY | O_APPEND);
       return fd >= 0 && write(fd, "x", 1) == 1;
     }},
    {"truncate", [](const Outside& outside) { return truncate(secret(outside).c_str(), 0) == 0; }},
    {"remove", [](const Outside& outside) { return unlink(secret(outside).c_str()) == 0; }},
    {"rename", [](const Outside& outside) { return rename(secret(outside).c_str(), beside(outside).c_str()) == 0; }},
    {"link", [](const Outside& outside) { return link(secret(outside).c_str(), beside(outside).c_str()) == 0; }},
    {"symlink", [](const Outside& outside) { return symlink("/etc", beside(outside).c_str()) == 0; }},
    {"make_folder", [](const Outside& outside) { return mkdir(beside(outside).c_str(), 0700) == 0; }},
    {"make_pipe", [](const Outside& outside) { return mkfifo(beside(outside).c_str(), 0600) == 0; }},
    {"change_mode", [](const Outside& outside) { return chmod(secret(outside).c_str(), 0666) == 0; }},
    {"change_times",
     [](const Outside& outside) { return utimensat(AT_FDCWD, secret(outside).c_str(), nullptr, 0) == 0; }},
    {"watch",
     [](const Outside& outside) { return inotify_add_watch(inotify_init1(0), outside.folder.c_str(), IN_OPEN) >= 0; }},
    {"change_folder", [](const Outside& outside) { return chdir(outside.folder.c_str()) == 0; }},
};

}  // namespace

std::span<const Attempt> on_files() {
  return kAttempts;
}

}  // namespace slipway::escape

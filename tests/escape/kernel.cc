// The kernel's machinery: mounts, namespaces, keys, programs in the kernel, shared memory.
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <sched.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstring>

#include "escape/attempt.h"

namespace slipway::escape {
namespace {

constexpr Attempt kAttempts[] = {
    {"add_key",
     [](const Outside&) {
       return syscall(SYS_add_key, "user", "slipway-escape", "x", 1, KEY_SPEC_PROCESS_KEYRING) > 0;
     }},
    {"keyctl",
     [](const Outside&) { return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1) > 0; }},
    {"bpf",
     [](const Outside&) {
       bpf_attr map{};
       map.map_type = BPF_MAP_TYPE_ARRAY;
       map.key_size = 4;
       map.value_size = 4;
       map.max_entries = 1;
       return syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof map) >= 0;
     }},
    {"io_uring",
     [](const Outside&) {
       io_uring_params how{};
       return syscall(SYS_io_uring_setup, 1, &how) >= 0;
     }},
    {"userfaultfd", [](const Outside&) { return syscall(SYS_userfaultfd, O_CLOEXEC) >= 0; }},
    {"perf_event",
     [](const Outside&) {
       perf_event_attr what{};
       what.size = sizeof what;
       what.type = PERF_TYPE_SOFTWARE;
       what.config = PERF_COUNT_SW_CPU_CLOCK;
       what.exclude_kernel = 1;
       return syscall(SYS_perf_event_open, &what, 0, -1, -1, 0) >= 0;
     }},
    {"kernel_log", [](const Outside&) { return klogctl(10, nullptr, 0) >= 0; }},
    {"mount",
     [](const Outside& outside) {
       const bool mounted = mount("none", outside.folder.c_str(), "tmpfs", 0, nullptr) == 0;
       if (mounted) umount2(outside.folder.c_str(), MNT_DETACH);
       return mounted;
     }},
    {"new_mount_api", [](const Outside&) { return syscall(SYS_fsopen, "tmpfs", 0) >= 0; }},
    {"new_user_namespace", [](const Outside&) { return unshare(CLONE_NEWUSER) == 0; }},
    {"enter_namespace",
     [](const Outside& outside) {
       const std::string path = "/proc/" + std::to_string(outside.process) + "/ns/uts";
       return setns(open(path.c_str(), O_RDONLY), CLONE_NEWUTS) == 0;
     }},
    {"change_root", [](const Outside& outside) { return chroot(outside.folder.c_str()) == 0; }},
    {"file_by_handle",
     [](const Outside& outside) {
       alignas(file_handle) char room[sizeof(file_handle) + MAX_HANDLE_SZ];
       auto* handle = reinterpret_cast<file_handle*>(room);
       handle->handle_bytes = MAX_HANDLE_SZ;
       int mount_id = 0;
       return name_to_handle_at(AT_FDCWD, outside.folder.c_str(), handle, &mount_id, 0) == 0;
     }},
    {"host_name",
     [](const Outside&) {
       char name[65];
       return gethostname(name, sizeof name) == 0 && sethostname(name, std::strlen(name)) == 0;
     }},
    {"become_root", [](const Outside&) { return setuid(0) == 0; }},
    {"personality", [](const Outside&) { return personality(ADDR_NO_RANDOMIZE) >= 0; }},
    {"memory_file", [](const Outside&) { return memfd_create("escape", 0) >= 0; }},
    {"shared_memory",
     [](const Outside&) {
       const int segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
       if (segment >= 0) shmctl(segment, IPC_RMID, nullptr);
       return segment >= 0;
     }},
    {"message_queue",
     [](const Outside&) {
       const mqd_t queue = mq_open("/slipway-escape", O_CREAT | O_RDWR, 0600, nullptr);
       if (queue >= 0) mq_unlink("/slipway-escape");
       return queue >= 0;
     }},
    {"be_dumpable", [](const Outside&) { return prctl(PR_SET_DUMPABLE, 1) == 0; }},
    {"outlive_the_server", [](const Outside&) { return prctl(PR_SET_PDEATHSIG, 0) == 0; }},
};

}  // namespace

std::span<const Attempt> on_the_kernel() {
  return kAttempts;
}

}  // namespace slipway::escape

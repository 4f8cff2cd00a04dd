#include "adapter/probe_process/call_tables.h"

#include <sys/syscall.h>

#include <algorithm>

namespace slipway::probe_process {
namespace {

constexpr long kAllowed[] = {
    // What is open may be used and closed.
    SYS_read,
    SYS_write,
    SYS_readv,
    SYS_writev,
    SYS_pread64,
    SYS_lseek,
    SYS_close,
    SYS_fstat,
    // Memory; mmap and mprotect are asked about further.
    SYS_munmap,
    SYS_mremap,
    SYS_brk,
    SYS_madvise,
    // Threads; clone is asked about further.
    SYS_futex,
    SYS_set_robust_list,
    SYS_set_tid_address,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_getcpu,
    SYS_gettid,
    SYS_getpid,
    SYS_exit,
    SYS_exit_group,
    SYS_membarrier,
#ifdef SYS_rseq
    SYS_rseq,
#endif
#ifdef SYS_arch_prctl
    SYS_arch_prctl,
#endif
    // Its own signals; rt_sigaction and tgkill are asked about further.
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_restart_syscall,
    // Time, and how much there is of everything.
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_gettimeofday,
    SYS_getrandom,
    SYS_getrusage,
    SYS_times,
    SYS_sysinfo,
#ifdef SYS_time
    SYS_time,
#endif
};

#define SLIPWAY_CALL(name) {SYS_##name, #name}
constexpr CallName kTrapped[] = {
    // The network.
    SLIPWAY_CALL(socket),
    SLIPWAY_CALL(socketpair),
    SLIPWAY_CALL(connect),
    SLIPWAY_CALL(bind),
    SLIPWAY_CALL(listen),
    SLIPWAY_CALL(accept),
    SLIPWAY_CALL(accept4),
    SLIPWAY_CALL(sendto),
    SLIPWAY_CALL(sendmsg),
    SLIPWAY_CALL(sendmmsg),
    SLIPWAY_CALL(recvfrom),
    SLIPWAY_CALL(recvmsg),
    SLIPWAY_CALL(recvmmsg),
    SLIPWAY_CALL(setsockopt),
    // Other programs and processes.
    SLIPWAY_CALL(execve),
    SLIPWAY_CALL(execveat),
    SLIPWAY_CALL(ptrace),
    SLIPWAY_CALL(process_vm_readv),
    SLIPWAY_CALL(process_vm_writev),
    SLIPWAY_CALL(process_madvise),
    SLIPWAY_CALL(kcmp),
    SLIPWAY_CALL(kill),
    SLIPWAY_CALL(tkill),
    SLIPWAY_CALL(rt_sigqueueinfo),
    SLIPWAY_CALL(rt_tgsigqueueinfo),
    SLIPWAY_CALL(pidfd_open),
    SLIPWAY_CALL(pidfd_getfd),
    SLIPWAY_CALL(pidfd_send_signal),
    SLIPWAY_CALL(setpriority),
    SLIPWAY_CALL(sched_setscheduler),
    SLIPWAY_CALL(sched_setattr),
    SLIPWAY_CALL(migrate_pages),
    SLIPWAY_CALL(move_pages),
#ifdef SYS_fork
    SLIPWAY_CALL(fork),
    SLIPWAY_CALL(vfork),
#endif
    // The kernel's machinery.
    SLIPWAY_CALL(bpf),
    SLIPWAY_CALL(perf_event_open),
    SLIPWAY_CALL(io_uring_setup),
    SLIPWAY_CALL(io_uring_enter),
    SLIPWAY_CALL(io_uring_register),
    SLIPWAY_CALL(userfaultfd),
    SLIPWAY_CALL(keyctl),
    SLIPWAY_CALL(add_key),
    SLIPWAY_CALL(request_key),
    SLIPWAY_CALL(init_module),
    SLIPWAY_CALL(finit_module),
    SLIPWAY_CALL(delete_module),
    SLIPWAY_CALL(kexec_load),
    SLIPWAY_CALL(reboot),
    SLIPWAY_CALL(syslog),
    SLIPWAY_CALL(acct),
    SLIPWAY_CALL(quotactl),
    SLIPWAY_CALL(swapon),
    SLIPWAY_CALL(swapoff),
    SLIPWAY_CALL(settimeofday),
    SLIPWAY_CALL(clock_settime),
    SLIPWAY_CALL(adjtimex),
    SLIPWAY_CALL(clock_adjtime),
    SLIPWAY_CALL(sethostname),
    SLIPWAY_CALL(setdomainname),
    SLIPWAY_CALL(personality),
    SLIPWAY_CALL(vhangup),
    SLIPWAY_CALL(fanotify_init),
    SLIPWAY_CALL(lookup_dcookie),
#ifdef SYS_iopl
    SLIPWAY_CALL(iopl),
    SLIPWAY_CALL(ioperm),
    SLIPWAY_CALL(modify_ldt),
#endif
    // Mounts, namespaces and who one is.
    SLIPWAY_CALL(mount),
    SLIPWAY_CALL(umount2),
    SLIPWAY_CALL(pivot_root),
    SLIPWAY_CALL(chroot),
    SLIPWAY_CALL(unshare),
    SLIPWAY_CALL(setns),
    SLIPWAY_CALL(open_tree),
    SLIPWAY_CALL(move_mount),
    SLIPWAY_CALL(fsopen),
    SLIPWAY_CALL(fsconfig),
    SLIPWAY_CALL(fsmount),
    SLIPWAY_CALL(fspick),
    SLIPWAY_CALL(mount_setattr),
    SLIPWAY_CALL(open_by_handle_at),
    SLIPWAY_CALL(name_to_handle_at),
    SLIPWAY_CALL(setuid),
    SLIPWAY_CALL(setgid),
    SLIPWAY_CALL(setreuid),
    SLIPWAY_CALL(setregid),
    SLIPWAY_CALL(setresuid),
    SLIPWAY_CALL(setresgid),
    SLIPWAY_CALL(setgroups),
    SLIPWAY_CALL(setfsuid),
    SLIPWAY_CALL(setfsgid),
    SLIPWAY_CALL(capset),
    SLIPWAY_CALL(seccomp),
    // Memory shared with others.
    SLIPWAY_CALL(memfd_create),
    SLIPWAY_CALL(shmget),
    SLIPWAY_CALL(shmat),
    SLIPWAY_CALL(shmctl),
    SLIPWAY_CALL(msgget),
    SLIPWAY_CALL(msgsnd),
    SLIPWAY_CALL(msgrcv),
    SLIPWAY_CALL(semget),
    SLIPWAY_CALL(semop),
    SLIPWAY_CALL(mq_open),
    SLIPWAY_CALL(vmsplice),
    SLIPWAY_CALL(splice),
    SLIPWAY_CALL(tee),
    SLIPWAY_CALL(remap_file_pages),
};
#undef SLIPWAY_CALL

}  // namespace

std::span<const long> allowed_calls() {
  return kAllowed;
}

std::span<const CallName> trapped_calls() {
  return kTrapped;
}

const CallName* find_trap(long number) {
  const auto* const at = std::ranges::find(kTrapped, number, &CallName::number);
  if (at != std::end(kTrapped)) return at;
  static constexpr CallName kClone{SYS_clone, "clone"};
  static constexpr CallName kSignal{SYS_tgkill, "tgkill"};
  return number == SYS_clone ? &kClone : number == SYS_tgkill ? &kSignal : nullptr;
}

}  // namespace slipway::probe_process

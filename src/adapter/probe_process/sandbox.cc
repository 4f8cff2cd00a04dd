#include "adapter/probe_process/sandbox.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "adapter/probe_process/file_view.h"
#include "adapter/probe_process/system_calls.h"

namespace slipway::probe_process {
namespace {

constexpr int kNamespaces = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

// With a user namespace anybody may have the others; where that is forbidden, whoever has the privilege still may.
std::string enter_namespaces() {
  if (unshare(CLONE_NEWUSER | kNamespaces) == 0) return "";
  const int refused = errno;
  if (unshare(kNamespaces) == 0) return "";
  return std::strerror(refused);
}

std::string drop_capabilities() {
  __user_cap_header_struct head{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return std::string("no_new_privs: ") + std::strerror(errno);
  for (int capability = 0; capability <= CAP_LAST_CAP; ++capability) prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  if (syscall(SYS_capset, &head, none) != 0) return std::string("capset: ") + std::strerror(errno);
  return "";
}

// What the loader and the engine were told is of no use to a model.
void forget_environment() {
  for (char** variable = environ; variable && *variable; ++variable) {
    std::memset(*variable, 0, std::strlen(*variable));
  }
  clearenv();
}

}  // namespace

std::vector<ports::SandboxLayer> leave_the_machine() {
  return {{"namespaces", enter_namespaces()}, {"no privileges", drop_capabilities()}};
}

std::vector<ports::SandboxLayer> close_the_doors() {
  forget_environment();
  // The order matters: the filter forbids the calls that the first needs.
  std::string files = hide_files();
  return {{"Landlock", std::move(files)}, {"system calls", restrict_system_calls()}};
}

std::string describe(const std::vector<ports::SandboxLayer>& layers) {
  std::string text;
  for (const ports::SandboxLayer& layer : layers) {
    text += (text.empty() ? "" : ", ") + layer.name;
    if (!layer.missing.empty()) text += " MISSING (" + layer.missing + ")";
  }
  return text;
}

}  // namespace slipway::probe_process

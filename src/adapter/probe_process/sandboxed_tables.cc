#include "adapter/probe_process/sandboxed_tables.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <new>

#include "adapter/probe_process/child_process.h"
#include "adapter/probe_process/memory_limit.h"
#include "adapter/probe_process/sandbox.h"
#include "adapter/probe_process/table_frames.h"
#include "base/descriptor.h"
#include "base/text.h"

namespace slipway::probe_process {
namespace {

constexpr Bytes kChildMemory = gibibytes(8);  // the library's, the table's, and a column on its way
constexpr std::size_t kLongestAnswer = std::size_t{4} << 30;

Result<Descriptor> make_request(ByteSpan content, std::string_view name, SandboxPolicy sandbox) {
  Descriptor file(memfd_create("slipway-table", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return unavailable(std::string("no memory file for the table's reader: ") + std::strerror(errno));
  FrameWriter head;
  head.number(static_cast<std::uint64_t>(sandbox));
  head.text(name);
  head.number(content.size());
  for (ByteSpan left : {as_bytes(head.bytes()), content}) {
    while (!left.empty()) {
      const ssize_t written = write(file.fd(), left.data(), left.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return unavailable(std::string("handing data to the table's reader: ") + std::strerror(errno));
      left = left.subspan(static_cast<std::size_t>(written));
    }
  }
  fcntl(file.fd(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  return file;
}

Result<ports::Table> read_answer(ByteSpan answer, const ports::TableLimits& limits) {
  FrameReader frame(answer);
  if (TRY(frame.number()) != 0) return read_table(frame, limits);
  const std::string code = TRY(frame.text());
  std::string message = TRY(frame.text());
  return Error{parse_error_code(code).value_or(ErrorCode::Internal), printable(message, 2000)};
}

void send(const FrameWriter& frame) {
  send_answer(frame.bytes());
}

void send_failure(const Error& error) {
  FrameWriter frame;
  frame.number(0);
  frame.text(name_of(error.code));
  frame.text(error.message);
  send(frame);
}

// In this order: read what is asked, load the reader, close the doors, and only then look at the content.
Result<ports::Table> read_as_asked(std::vector<ports::SandboxLayer> layers,
                                   const std::function<Result<std::unique_ptr<ports::TableReader>>()>& load) {
  FrameReader request(TRY(map_request()));
  const bool required = TRY(request.number()) == static_cast<std::uint64_t>(SandboxPolicy::Required);
  const std::string name = TRY(request.text());
  const ByteSpan content = TRY(request.span());
  const auto reader = TRY(load());
  limit_memory(kChildMemory);
  std::ranges::move(close_the_doors(), std::back_inserter(layers));
  const auto holds = [](const ports::SandboxLayer& layer) { return layer.missing.empty(); };
  if (required && !std::ranges::all_of(layers, holds)) {
    return unavailable("expected the whole sandbox, as the policy asks for, found: " + describe(layers));
  }
  try {
    return reader->read(content, name);
  } catch (const std::bad_alloc&) {
    return invalid_input(printable(name) + ": it needs more memory than " + to_string(kChildMemory));
  }
}

}  // namespace

Result<ports::Table> SandboxedTables::read(ByteSpan content, std::string_view name) {
  const Descriptor request = TRY(make_request(content, name, settings_.sandbox));
  const std::atomic<bool> never{false};
  const Heard heard = TRY(
      run_child_process({settings_.program, settings_.timeout, kLongestAnswer, kTableCommand}, request.fd(), never));
  const std::string where = printable(name);
  if (!heard.in_time) {
    return invalid_input(where + ": reading it took longer than " + to_string(settings_.timeout) +
                         ", or gave more than " + to_string(Bytes{kLongestAnswer}));
  }
  if (ended_itself(heard) || asked_for_what_is_forbidden(heard)) {
    return invalid_input(where + ": the process that read it " + how_it_ended(heard));
  }
  if (!left_well(heard)) return unavailable(where + ": the process that read it " + how_it_ended(heard));
  auto table = read_answer(as_bytes(heard.answer), limits_);
  if (!table.ok() && table.error().code == ErrorCode::Corrupt) {
    return invalid_input(where + ": the process that read it answered nonsense: " + table.error().message);
  }
  return table;
}

void run_table_child(const std::function<Result<std::unique_ptr<ports::TableReader>>()>& load) {
  const auto table = read_as_asked(confine_this_process(), load);
  if (table.ok()) {
    FrameWriter head;
    head.number(1);
    send(head);
    write_table(*table, send);
  } else {
    send_failure(table.error());
  }
  std::fflush(nullptr);
  _exit(0);  // nothing is tidied up: that asks for more than is left to this process
}

}  // namespace slipway::probe_process

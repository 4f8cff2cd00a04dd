#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "adapter/probe_process/gate_frames.h"
#include "domain/governance/signature.h"

namespace slipway::probe_process {
namespace {

Result<void> write_all(int descriptor, ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return unavailable(std::string("handing the package to the prober: ") + std::strerror(errno));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

void write_tensor_head(FrameWriter& frame, const tensor::TensorView& tensor) {
  frame.text(tensor.name);
  frame.number(static_cast<std::uint64_t>(tensor.datatype));
  frame.number(tensor.shape.rank());
  for (const std::int64_t size : tensor.shape.dimensions()) frame.number(static_cast<std::uint64_t>(size));
  frame.number(tensor.data.size());
}

Result<void> write_gates(int file, const ports::GateRequest& gates) {
  FrameWriter head;
  head.number(gates.asks_golden);
  head.number(gates.asks_determinism);
  head.number(gates.latency_rows.size());
  for (const std::uint64_t rows : gates.latency_rows) head.number(rows);
  head.number(gates.row_sets.size());
  TRY(write_all(file, as_bytes(head.bytes())));
  for (const ports::RowSet& set : gates.row_sets) {
    FrameWriter frame;
    frame.text(set.name);
    frame.number(set.rows);
    frame.number(set.inputs.size());
    TRY(write_all(file, as_bytes(frame.bytes())));
    for (const tensor::TensorView& input : set.inputs) {
      FrameWriter tensor;
      write_tensor_head(tensor, input);
      TRY(write_all(file, as_bytes(tensor.bytes())));
      TRY(write_all(file, input.data));
    }
  }
  return {};
}

Result<void> fill(int file, const RequestHead& head, const model::ModelVersion& version,
                  ports::ArtifactStore& artifacts, const ports::GateRequest* gates) {
  FrameWriter first;
  first.number(static_cast<std::uint64_t>(head.sandbox));
  first.number(gates != nullptr);
  first.text(version.manifest);
  const auto is_run = [](const model::PackageFile& each) { return each.path != governance::kSignatureFile; };
  first.number(static_cast<std::uint64_t>(std::ranges::count_if(version.files, is_run)));
  TRY(write_all(file, as_bytes(first.bytes())));
  for (const model::PackageFile& entry : version.files) {
    if (!is_run(entry)) continue;  // no engine sees a signature, here or when it is served
    FrameWriter frame;
    frame.text(entry.path);
    frame.number(entry.size);
    TRY(write_all(file, as_bytes(frame.bytes())));
    std::uint64_t size = 0;
    TRY(artifacts.pour(entry.digest, head.largest_package, [&](ByteSpan piece) {
      size += piece.size();
      return write_all(file, piece);
    }));
    if (size == entry.size) continue;
    return corrupt(entry.path + ": expected " + std::to_string(entry.size) + " bytes, found " + std::to_string(size));
  }
  return gates ? write_gates(file, *gates) : Result<void>{};
}

}  // namespace

Result<Descriptor> write_request(const RequestHead& head, const model::ModelVersion& version,
                                 ports::ArtifactStore& artifacts, const ports::GateRequest* gates) {
  Descriptor file(memfd_create("slipway-candidate", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return unavailable(std::string("no memory file for the prober: ") + std::strerror(errno));
  TRY(fill(file.fd(), head, version, artifacts, gates));
  lseek(file.fd(), 0, SEEK_SET);
  fcntl(file.fd(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
  return file;
}

}  // namespace slipway::probe_process

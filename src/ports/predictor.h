// Predictor and Lane: the one request path, as protocol adapters and jobs see it. Built by service/serving.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "domain/access/permission.h"
#include "domain/model/assignment.h"
#include "domain/model/manifest.h"
#include "domain/model/name.h"
#include "domain/tensor/signature.h"

namespace slipway::ports {

enum class Traffic : std::uint8_t { Live, Batch, Shadow };  // strict order of preference

// Whose numbers name a version: the registry's, which count pushes; or the protocol's, by which a client of a Triton
// repository knows it (the manifest's label kProtocolVersionLabel). Both are the same where the label is not set.
enum class Numbering : std::uint8_t { Registry, Protocol };
inline constexpr std::string_view kProtocolVersionLabel = "oip.version";
// How long a request may wait, beside what executing a full batch takes: a duration, under limits.timeout.
inline constexpr std::string_view kQueueTimeoutLabel = "triton.queue_timeout";
// Labels that keep what a Triton configuration said, so that it can be told again: each is followed by a name.
inline constexpr std::string_view kParameterLabel = "triton.parameters.";
inline constexpr std::string_view kLabelFileLabel = "triton.label_filename.";  // of an output

struct RequestedOutput {
  std::string_view name;
};

// A version that is being served: what a protocol needs to describe it. Immutable; shared as a lease.
struct ServedModel {
  model::ModelName name;
  model::VersionNumber version;
  model::Manifest manifest;               // signature with features and labels
  std::string version_text;               // "3"
  std::string platform;                   // "onnx_onnxv1"
  model::VersionNumber protocol_version;  // by Numbering::Protocol
  std::string protocol_version_text;
};

// The version that one caller's request goes to. A lease: while it lives the version is not unloaded, whatever is
// deployed meanwhile. Only lanes make it.
class AssignedVersion {
 public:
  virtual ~AssignedVersion() = default;
  virtual const ServedModel& described() const = 0;
};
struct Assignment {
  std::shared_ptr<const AssignedVersion> version;
  model::Draw draw;

  const AssignedVersion* operator->() const { return version.get(); }
  explicit operator bool() const { return version != nullptr; }
  void reset() { version.reset(); }
};

// What a lane may ask about a request besides its tensors, to assign it by the model's AssignmentRule.
class Caller {
 public:
  virtual ~Caller() = default;
  virtual std::string_view header(std::string_view lower_name) const = 0;  // empty when absent
  static constexpr std::string_view kOwnHeaders = "x-slipway-";
  // False: no header's name begins with kOwnHeaders, so that none of those need be looked for.
  virtual bool has_own_headers() const { return true; }
  virtual std::string_view query(std::string_view key) const = 0;  // percent-decoded; empty when absent
  virtual const access::Principal& principal() const = 0;
  virtual Result<void> require(access::Permission permission) const = 0;  // Denied unless the caller holds it
};

// One question. Everything is borrowed until the Completion is called or cancel() returns.
struct PredictRequest {
  std::string_view model;
  std::optional<model::VersionNumber> version;  // none: by the traffic split
  Numbering numbering = Numbering::Registry;    // of `version`
  const Assignment* assigned = nullptr;         // of the same lane's assign(): instead of drawing again
  std::span<const tensor::TensorView> inputs;   // any order
  std::span<const RequestedOutput> outputs;     // empty: all, in the order of the signature
  std::optional<Duration> timeout;              // none: the model's limit
  std::optional<TimePoint> received_at;  // when its last byte was read; none: now. Deadline and latency count from here
  Traffic traffic = Traffic::Live;
  std::uint32_t priority = 0;       // within live: 0 default (lowest), 1 highest
  std::string_view unit_key;        // for sticky assignment; empty: what the model's AssignmentRule finds
  std::string_view unit_parameter;  // model::kUnitParameter of the request, where its protocol has such
  const Caller* caller = nullptr;   // looked at within submit() and assign() only; none: nobody to ask
  std::string_view request_id;      // for its record
  std::string_view protocol;        // metrics label, static storage: "http"
};

// One answer; everything is borrowed for the duration of the call.
struct Prediction {
  const ServedModel& served;
  std::span<const tensor::TensorView> outputs;    // in the order asked for
  std::span<const std::uint32_t> output_indices;  // of each, into the signature's outputs
};

// Told exactly once, on the lane's loop, possibly inside submit() (refusals) or inside flush().
class Completion {
 public:
  virtual ~Completion() = default;
  virtual void answered(const Prediction& prediction) noexcept = 0;
  virtual void failed(const Error& error) noexcept = 0;
};

// The request path of one event loop. That loop's thread only.
class Lane {
 public:
  virtual ~Lane() = default;
  // Admits, routes, checks and adds to the batch of this tick (or to a queue). Errors: NotFound (model or version),
  // InvalidInput (tensor named), NotReady, Overloaded, DeadlineExceeded.
  virtual void submit(const PredictRequest& request, Completion& completion) = 0;
  // The version that submit() would choose, for a caller that needs it to read its request, or that submits one request
  // in parts. Looks at the request's model, version and what says its unit. NotFound, NotReady, InvalidInput or Denied
  // (a tester's wish), counted as refusals.
  virtual Result<Assignment> assign(const PredictRequest& request) = 0;
  // The completion will not be called any more; work not yet started is dropped. Requires: submitted and not completed.
  virtual void cancel(Completion& completion) = 0;
  // Executes what this tick gathered and completes it. Called at the end of each tick of the loop.
  virtual void flush() = 0;
  // True when inline work was left over for the next tick (its time budget was used up): do not sleep.
  virtual bool has_pending_work() const = 0;
};

// State of one version as the repository index shows it.
struct ServedState {
  std::string model;
  model::VersionNumber version = 0;
  enum class State : std::uint8_t { Ready, Loading, Unloading, Unavailable } state = State::Unavailable;
  std::string reason;
};

// Counters of one version since it was loaded; durations are sums. `success` counts requests, `inferences` rows.
struct ModelStatistics {
  struct Timed {
    std::uint64_t count = 0;
    Duration total{0};
  };
  std::string model;
  model::VersionNumber version = 0;
  model::VersionNumber protocol_version = 0;
  std::optional<WallTime> last_inference;
  std::uint64_t inferences = 0;
  std::uint64_t executions = 0;
  Timed success, fail, queue, compute_input, compute_infer, compute_output;
  struct OfBatch {
    std::uint64_t rows;
    Timed compute_input, compute_infer, compute_output;
  };
  std::vector<OfBatch> by_batch;
};

// Any thread, never blocks on I/O: answers come from snapshots.
class Predictor {
 public:
  virtual ~Predictor() = default;
  virtual Lane& lane(std::size_t loop) = 0;
  // The version that answers for `model` (with a split: the one with the largest share). NotFound / NotReady.
  virtual Result<std::shared_ptr<const ServedModel>> find(std::string_view model,
                                                          std::optional<model::VersionNumber> version,
                                                          Numbering numbering = Numbering::Registry) const = 0;
  // Ascending.
  virtual std::vector<model::VersionNumber> served_versions(std::string_view model,
                                                            Numbering numbering = Numbering::Registry) const = 0;
  virtual std::vector<ServedState> index() const = 0;
  // All models when empty. NotFound.
  virtual Result<std::vector<ModelStatistics>> statistics(std::string_view model,
                                                          std::optional<model::VersionNumber> version,
                                                          Numbering numbering = Numbering::Registry) const = 0;
  // True once every version desired at start is served or has failed for good.
  virtual bool is_ready() const = 0;
};

}  // namespace slipway::ports

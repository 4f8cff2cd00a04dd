// The interface gate: the declared signature is the model's, and who calls the live version can call this one.
#include <algorithm>
#include <string>

#include "domain/gate/gates.h"

namespace slipway::gate {
namespace {

using tensor::kFreeDimension;
using tensor::Signature;
using tensor::TensorSpec;

class Differences {
 public:
  explicit Differences(std::vector<Evidence>& rows) : rows_(rows) {}

  void breaking(const std::string& subject, std::string detail) {
    rows_.push_back({.subject = subject, .outcome = Outcome::Fail, .detail = std::move(detail)});
    worst_ = InterfaceChange::Breaking;
  }
  void widened(const std::string& subject, std::string detail) {
    rows_.push_back({.subject = subject, .outcome = Outcome::Pass, .detail = std::move(detail)});
    worst_ = std::max(worst_, InterfaceChange::Widened);
  }
  InterfaceChange worst() const { return worst_; }

 private:
  std::vector<Evidence>& rows_;
  InterfaceChange worst_ = InterfaceChange::Compatible;
};

std::string size_text(std::int64_t size) {
  return size == kFreeDimension ? "any" : std::to_string(size);
}

bool are_typed_alike(const std::string& subject, const TensorSpec& live, const TensorSpec& candidate,
                     Differences& differences) {
  if (live.datatype != candidate.datatype) {
    differences.breaking(subject, "the live version has " + std::string(name_of(live.datatype)) + ", this one " +
                                      std::string(name_of(candidate.datatype)));
    return false;
  }
  if (live.shape.rank() != candidate.shape.rank()) {
    differences.breaking(subject, "the live version has " + std::to_string(live.shape.rank()) +
                                      " dimensions, this one " + std::to_string(candidate.shape.rank()));
    return false;
  }
  return true;
}

void compare_input(const TensorSpec& live, const TensorSpec& candidate, Differences& differences) {
  const std::string subject = "input '" + live.name + "'";
  if (!are_typed_alike(subject, live, candidate, differences)) return;
  for (std::size_t i = 0; i < live.shape.rank(); ++i) {
    const std::int64_t was = live.shape[i], is = candidate.shape[i];
    if (was == is) continue;
    std::string detail = "dimension " + std::to_string(i) + " was " + size_text(was) + " and is " + size_text(is);
    if (is == kFreeDimension) {
      differences.widened(subject, std::move(detail));
    } else {
      differences.breaking(subject, std::move(detail));
    }
  }
  if (live.optional && !candidate.optional) differences.breaking(subject, "was optional and is required");
  if (!live.optional && candidate.optional) differences.widened(subject, "was required and is optional");
  if (!live.features.empty() && !candidate.features.empty() && live.features != candidate.features) {
    differences.breaking(subject,
                         "the features have other names or another order: a caller's columns would be mistaken");
  }
}

void compare_output(const TensorSpec& live, const TensorSpec& candidate, Differences& differences) {
  const std::string subject = "output '" + live.name + "'";
  if (!are_typed_alike(subject, live, candidate, differences)) return;
  for (std::size_t i = 0; i < live.shape.rank(); ++i) {
    const std::int64_t was = live.shape[i], is = candidate.shape[i];
    if (was == is || was == kFreeDimension) continue;  // a fixed size where any was possible surprises nobody
    differences.breaking(subject,
                         "dimension " + std::to_string(i) + " was " + size_text(was) + " and is " + size_text(is));
  }
  if (!live.labels.empty() && !candidate.labels.empty() && live.labels != candidate.labels) {
    differences.breaking(subject, "the class labels are others or in another order");
  }
}

std::string_view name_of(InterfaceChange change) {
  switch (change) {
    case InterfaceChange::Compatible:
      return "compatible";
    case InterfaceChange::Widened:
      return "widened";
    case InterfaceChange::Breaking:
      return "breaking";
  }
  return "breaking";
}

}  // namespace

InterfaceChange compare_interfaces(const Signature& live, const Signature& candidate,
                                   std::vector<Evidence>& differences) {
  Differences found(differences);
  const auto first = static_cast<std::ptrdiff_t>(differences.size());
  for (const TensorSpec& input : live.inputs) {
    const auto index = candidate.input_index(input.name);
    if (index) {
      compare_input(input, candidate.inputs[*index], found);
    } else {
      found.breaking("input '" + input.name + "'", "is gone: requests that send it would be refused");
    }
  }
  for (const TensorSpec& input : candidate.inputs) {
    if (live.input_index(input.name)) continue;
    if (input.optional) {
      found.widened("input '" + input.name + "'", "is new and optional");
    } else {
      found.breaking("input '" + input.name + "'", "is new and required: requests without it would be refused");
    }
  }
  for (const TensorSpec& output : live.outputs) {
    const auto index = candidate.output_index(output.name);
    if (index) {
      compare_output(output, candidate.outputs[*index], found);
    } else {
      found.breaking("output '" + output.name + "'", "is gone");
    }
  }
  for (const TensorSpec& output : candidate.outputs) {
    if (!live.output_index(output.name)) found.widened("output '" + output.name + "'", "is new");
  }
  std::stable_partition(differences.begin() + first, differences.end(),
                        [](const Evidence& row) { return row.outcome == Outcome::Fail; });
  return found.worst();
}

Verdict judge_interface(const InterfacePolicy& policy, const InterfaceMeasurement& measured) {
  std::vector<Evidence> rows;
  const Result<void> declared = tensor::check_declaration(measured.declared, measured.actual);
  rows.push_back({.subject = "manifest",
                  .outcome = declared.ok() ? Outcome::Pass : Outcome::Fail,
                  .detail = declared.ok() ? "declares what the model takes and returns" : declared.error().message});
  if (!measured.live) {
    const std::string none = "no live version to compare with";
    rows.push_back({.subject = "live version", .outcome = Outcome::Pass, .detail = none});
    return conclude(std::move(rows), "the manifest fits the model; " + none, "");
  }
  std::vector<Evidence> differences;
  const InterfaceChange change = compare_interfaces(*measured.live, measured.actual, differences);
  for (Evidence& row : differences) {
    const bool is_breaking = row.outcome == Outcome::Fail;
    const InterfaceChange its = is_breaking ? InterfaceChange::Breaking : InterfaceChange::Widened;
    row.outcome = its <= policy.allowed ? Outcome::Pass : Outcome::Fail;
    row.detail += " (" + std::string(name_of(its)) + ")";
    rows.push_back(std::move(row));
  }
  return conclude(std::move(rows), "the interface is " + std::string(name_of(change)) + " with the live version's", "");
}

}  // namespace slipway::gate

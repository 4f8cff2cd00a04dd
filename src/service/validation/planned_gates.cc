#include "service/validation/planned_gates.h"

#include <algorithm>

#include "base/text.h"
#include "domain/model/model_card.h"

namespace slipway::validation {
namespace {

constexpr std::size_t kMostRows = 1000;          // of one gate's evidence
constexpr std::size_t kLongestText = 2000;       // of one of its texts
constexpr std::size_t kLongestBody = 16U << 20;  // of all of it

// A version with what its package says, read from the artifacts.
struct Opened {
  model::Manifest manifest;
  std::string card;
};

Result<Opened> open(const PlannedGates::Parts& parts, const model::ModelVersion& version) {
  Opened opened;
  opened.manifest = TRY(parts.packages.read_manifest(version.manifest));
  opened.card = opened.manifest.model_card;
  for (const model::PackageFile& file : version.files) {
    if (file.path != model::kCardFile) continue;
    const auto bytes = TRY(parts.artifacts.read(file.digest, model::kLargestCard));
    opened.card = as_text(bytes);
  }
  return opened;
}

// The data that a plan names, as far as it is there.
class Tables {
 public:
  Tables(const PlannedGates::Parts& parts, const ports::GatePlan& plan) : parts_(parts) {
    if (plan.data.dataset) data_ = read(*plan.data.dataset);
    if (plan.regression_cases.empty()) return;
    const auto digest = parse_digest(plan.regression_cases);
    if (digest.ok()) {
      cases_ = read(*digest);
    } else {
      cases_ = Result<ports::Table>(
          invalid_input("cases: expected the sha256:... of a data set of the server, found \"" +
                        printable(plan.regression_cases) + "\": files are read by `slipway validate PACKAGE` only"));
    }
  }
  void give_to(GateInputs& inputs) const {
    if (data_ && data_->ok()) inputs.data = &**data_;
    if (data_ && !data_->ok()) inputs.no_data = data_->error().message;
    if (!data_) inputs.no_data = "the plan names no evaluation data: data: {dataset: sha256:...}";
    if (cases_ && cases_->ok()) inputs.cases = &**cases_;
    if (cases_ && !cases_->ok()) inputs.no_cases = cases_->error().message;
  }

 private:
  Result<ports::Table> read(const Digest& digest) const {
    if (!parts_.dataset) return not_found("expected data set sha256:" + digest.hex() + ", found no data sets here");
    return parts_.dataset(digest);
  }
  const PlannedGates::Parts& parts_;
  std::optional<Result<ports::Table>> data_, cases_;
};

void look_at_signatures(const PlannedGates::Parts& parts, const ports::GatePlan& plan, GateInputs& inputs) {
  if (!plan.gates.signing || !parts.signing) return;
  const auto measured = parts.signing(inputs.candidate.version);
  if (measured.ok()) inputs.signing.emplace(*measured);
  if (!measured.ok()) inputs.no_signing = measured.error().message;
}

int weight(gate::Outcome outcome) {
  switch (outcome) {
    case gate::Outcome::Fail:
      return 0;
    case gate::Outcome::Inconclusive:
      return 1;
    case gate::Outcome::Pass:
      return 2;
  }
  return 2;
}

void shorten(std::string& text) {
  if (text.size() > kLongestText) text = printable(text, kLongestText);
}

// So that no model and no data make a record of any size: the rows that matter most stay.
void bound(GateResult& result) {
  for (gate::GateVerdict& one : result.verdicts) {
    std::vector<gate::Evidence>& rows = one.verdict.evidence;
    shorten(one.verdict.reason);
    if (rows.size() > kMostRows) {
      std::ranges::stable_sort(rows, {}, [](const gate::Evidence& row) { return weight(row.outcome); });
      const std::size_t left_out = rows.size() - kMostRows;
      rows.resize(kMostRows);
      rows.push_back(
          {.subject = std::to_string(left_out) + " more", .outcome = rows.back().outcome, .count = left_out});
    }
    for (gate::Evidence& row : rows) {
      shorten(row.subject);
      shorten(row.detail);
    }
  }
}

model::Verdict verdict_of(gate::Outcome outcome) {
  switch (outcome) {
    case gate::Outcome::Pass:
      return model::Verdict::Pass;
    case gate::Outcome::Fail:
      return model::Verdict::Fail;
    case gate::Outcome::Inconclusive:
      return model::Verdict::Inconclusive;
  }
  return model::Verdict::Inconclusive;
}

// The first gate that decided it.
std::string reason_of(const GateResult& result) {
  for (const gate::GateVerdict& one : result.verdicts) {
    if (result.outcome != gate::Outcome::Pass && one.verdict.outcome == result.outcome) {
      return "gate " + one.gate + ": " + one.verdict.reason;
    }
  }
  return result.outcome == gate::Outcome::Pass ? "" : "the plan asks no gate";
}

// As if one gate had been asked, whose name says what could not be done.
GateResult nothing_measured(const std::string& why) {
  GateResult result;
  result.verdicts.push_back({"plan", {gate::Outcome::Inconclusive, why, {}}});
  return result;
}

}  // namespace

PlannedGates::PlannedGates(Parts parts, PlanFile file)
    : parts_(std::move(parts)), file_(std::move(file)), digest_(sha256(as_bytes(file_.text))) {}

Result<void> PlannedGates::check(ports::GatePlanReader& plans, const PlanFile& file) {
  const auto read = plans.read(file.text, file.name, "any");
  if (read.ok() || read.error().code == ErrorCode::NotFound) return {};
  return read.error();
}

bool PlannedGates::has_plan(const model::ModelName& name) const {
  const auto plan = parts_.plans.read(file_.text, file_.name, name.text());
  // One that is wrong is asked as well: then nothing passes, and the evidence says why.
  return plan.ok() || plan.error().code != ErrorCode::NotFound;
}

ports::GateFindings PlannedGates::run(const model::ModelVersion& candidate, const model::ModelVersion* live,
                                      const std::function<void(std::string_view)>& progress) {
  std::optional<Digest> data;
  const auto measured = [&]() -> Result<GateResult> {
    const auto plan = TRY(parts_.plans.read(file_.text, file_.name, candidate.name.text()));
    const auto opened = TRY(open(parts_, candidate));
    std::optional<Opened> other;
    if (live) other = TRY(open(parts_, *live));
    GateInputs inputs{.candidate = {candidate, opened.manifest, opened.card}, .live = {}};
    data = plan.data.dataset;
    const Tables tables(parts_, plan);
    tables.give_to(inputs);
    look_at_signatures(parts_, plan, inputs);
    if (other) inputs.live.emplace(GateSubject{*live, other->manifest, other->card});
    return GateSuite(parts_.probe).run(plan, inputs, progress);
  }();
  GateResult result = measured.ok() ? *measured : nothing_measured(measured.error().message);
  bound(result);
  ports::GateFindings findings{.verdict = verdict_of(result.outcome),
                               .reason = reason_of(result),
                               .plan = digest_,
                               .body = parts_.write({candidate, digest_, data, result}),
                               .interrupted = result.interrupted};
  if (findings.body.size() <= kLongestBody) return findings;
  const GateResult instead =
      nothing_measured("the evidence takes " + std::to_string(findings.body.size()) + " bytes, expected at most " +
                       std::to_string(kLongestBody) + ": the plan asks for too much at once");
  findings.verdict = model::Verdict::Inconclusive;
  findings.reason = reason_of(instead);
  findings.body = parts_.write({candidate, digest_, data, instead});
  return findings;
}

}  // namespace slipway::validation

// The part of the Registry that takes packages in and verifies them.
#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "service/registry/registry_state.h"

namespace slipway::registry {
namespace {

using model::Stage;

constexpr std::string_view kCutOff =
    "its verification was cut off by the server's end and begun again; where this stays, that was cut off too: push "
    "the "
    "package again to verify it";
constexpr std::size_t kModelsAtOnce = 256;

std::string name_of_file(std::string_view filename) {
  static constexpr std::array<std::string_view, 9> kEndings = {".tar.zst", ".tar.gz", ".tar",   ".tgz",    ".zip",
                                                               ".onnx",    ".mar",    ".bento", ".slipway"};
  filename.remove_prefix(filename.find_last_of("/\\") + 1);  // npos + 1 is 0
  for (const std::string_view ending : kEndings) {
    if (filename.size() > ending.size() && filename.ends_with(ending)) {
      return std::string(filename.substr(0, filename.size() - ending.size()));
    }
  }
  return std::string(filename.substr(0, filename.rfind('.')));
}

// The name the user gave, else the package's, else the file's.
Result<model::ModelName> name_for(const PushRequest& request, const model::Manifest& manifest) {
  const std::string& said = request.model.empty() ? manifest.name : request.model;
  if (!said.empty()) return model::ModelName::parse(said);
  auto name = model::ModelName::parse(name_of_file(request.filename));
  if (name) return name;
  return invalid_input("the package has no name: the file name \"" + printable(request.filename) +
                       "\" does not make one (" + name.error().message +
                       "); write name: in slipway.yaml or say the model's name with the push");
}

// The same content as a version that is or may become usable: pushing it again means that version.
std::optional<model::ModelVersion> same_content(const std::vector<ports::Stored<model::ModelVersion>>& versions,
                                                const Digest& digest) {
  for (auto stored = versions.rbegin(); stored != versions.rend(); ++stored) {
    const Stage stage = stored->record.stage;
    const bool usable = stage == Stage::Registered || stage == Stage::Validated;
    if (usable && stored->record.digest == digest) return stored->record;
  }
  return std::nullopt;
}

constexpr std::size_t kMostMakers = 1'000;

// In order, each once, without the author.
Result<std::vector<std::string>> other_makers(const std::vector<std::string>& said, const Author& author) {
  const std::set<std::string> names(said.begin(), said.end());
  std::vector<std::string> makers;
  for (const std::string& name : names) {
    TRY(check(Author{name, ""}));
    if (has_control_characters(name))
      return invalid_input("a maker of the version: expected a name, found \"" + printable(name) + "\"");
    if (!name.empty() && name != author.principal) makers.push_back(name);
  }
  if (makers.size() <= kMostMakers) return makers;
  return invalid_input("expected at most " + std::to_string(kMostMakers) + " people who made a version, found " +
                       std::to_string(makers.size()));
}

// `import`: a new version also when its content is known.
Result<Pushed> register_version(const Registry::State& state, const model::ModelName& name,
                                const ports::OpenedPackage& package, const Author& author,
                                const ImportRequest* import = nullptr) {
  const Digest digest = model::package_digest(package.files);
  const auto makers = import ? TRY(other_makers(import->makers, author)) : std::vector<std::string>();
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    // The model first: a version that appears after this reading changes the model's record, and the commit fails.
    const auto found = TRY(state.parts.metadata.model(name));
    if (!import) {
      if (auto same = same_content(TRY(state.parts.metadata.versions(name)), digest)) return Pushed{*std::move(same)};
    }
    const WallTime now = state.parts.clock.wall_now();
    const bool known = found && !found->record.removed;
    const ports::ModelRecord model{.name = name,
                                   .created_at = known ? found->record.created_at : now,
                                   .last_version = (found ? found->record.last_version : 0) + 1,
                                   .removed = false,
                                   .annotations = known ? found->record.annotations : model::Annotations{}};
    const model::ModelVersion version{.name = name,
                                      .number = model.last_version,
                                      .digest = digest,
                                      .files = package.files,
                                      .manifest = package.manifest_text,
                                      .stage = Stage::Registered,
                                      .reason = std::string(kNotVerified),
                                      .verification = {},
                                      .created_at = now,
                                      .created_by = author.principal,
                                      .makers = makers};
    model::Event event = state.event(author, "push", name.text(), text_of(version.number));
    event.to = "sha256:" + digest.hex();
    std::vector<ports::Change> changes{
        {model, found ? found->revision : 0}, {version, 0}, {facts_of(name, version.number, package.manifest), 0}};
    if (import) {
      model::VersionNotes written = import->notes;
      written.model = name;
      written.version = version.number;
      changes.push_back({std::move(written), 0});
    }
    if (TRY(state.try_commit(author, changes, {event}))) return Pushed{version, true};
  }
  return lost_too_often(quoted(name));
}

// Writes the probe's outcome into the version, unless somebody else has moved it on meanwhile.
Result<model::ModelVersion> record_outcome(const Registry::State& state, const model::ModelName& name,
                                           model::VersionNumber number, const ports::ProbeOutcome& outcome,
                                           const Author& author) {
  using Verdict = ports::ProbeOutcome::Verdict;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    auto stored = TRY(state.existing(name, number));
    model::ModelVersion& version = stored.record;
    if (version.stage != Stage::Registered) return version;
    if (outcome.verdict == Verdict::Interrupted && version.reason == kNotVerified) return version;
    model::Event event = state.event(author, "verify", name.text(), text_of(number));
    event.from = name_of(version.stage);
    version.reason = outcome.verdict == Verdict::Passed ? "" : outcome.reason;
    if (outcome.verdict == Verdict::Passed) {
      version.verification = outcome.measured;
      const bool asks_gates = state.asks_gates(name);
      if (asks_gates) version.reason = kAwaitsGates;
      if (!asks_gates) version.stage = Stage::Validated;
      if (!asks_gates) event.action = "validate";
    } else if (outcome.verdict == Verdict::Failed) {
      event.action = "reject";
      version.stage = Stage::Rejected;
    } else if (outcome.verdict == Verdict::Interrupted) {
      version.reason = kNotVerified;
    }
    event.to = name_of(version.stage);
    if (!version.reason.empty()) event.reason = version.reason;
    if (TRY(state.try_commit(author, {{version, stored.revision}}, {event}))) return version;
  }
  return lost_too_often(quoted(name));
}

// Verifies unless another thread is at it: then that one's outcome is the answer.
Result<model::ModelVersion> verify_registered(Registry::State& state, const model::ModelVersion& version,
                                              const Author& author) {
  const VerificationTurns::Key key{version.name.text(), version.number};
  if (!state.verifications.begin(key)) return TRY(state.existing(version.name, version.number)).record;
  const auto current = state.existing(version.name, version.number);
  const bool asks_gates = state.gates.standing(version.name, version.number).phase != GateQueue::Standing::Phase::Idle;
  Result<model::ModelVersion> verified = version;
  if (!current) {
    verified = current.error();
  } else if (asks_gates) {
    verified = current->record;
  } else if (current->record.stage == Stage::Registered) {
    verified = record_outcome(state, version.name, version.number, state.parts.probe.probe(current->record), author);
  } else {
    verified = current->record;
  }
  state.verifications.end(key);
  if (verified) {
    state.parts.log.info("version verified", {{"model", verified->name.text()},
                                              {"version", static_cast<std::int64_t>(verified->number)},
                                              {"stage", name_of(verified->stage)},
                                              {"reason", verified->reason}});
    const bool waits = !asks_gates && verified->stage == Stage::Registered && verified->reason == kAwaitsGates;
    if (waits) TRY(state.queue_gates({verified->name, verified->number, author.principal, author.reason}));
  }
  return verified;
}

// The versions of all models that are Registered for one of these reasons.
Result<std::vector<model::ModelVersion>> cut_off(ports::MetadataStore& metadata,
                                                 std::initializer_list<std::string_view> reasons) {
  std::vector<model::ModelVersion> found;
  std::string after;
  while (true) {
    const auto models = TRY(metadata.models(after, kModelsAtOnce));
    for (const auto& model : models) {
      for (auto& stored : TRY(metadata.versions(model.record.name))) {
        const bool open = stored.record.stage == Stage::Registered &&
                          std::ranges::find(reasons, stored.record.reason) != reasons.end();
        if (open) found.push_back(std::move(stored.record));
      }
    }
    if (models.size() < kModelsAtOnce) return found;
    after = models.back().record.name.text();
  }
}

}  // namespace

Result<Pushed> Registry::push(const PushRequest& request, const Author& author) {
  TRY(check(author));
  // An early refusal: a name that cannot be is not worth gigabytes of unpacking.
  if (!request.model.empty()) {
    TRY(state_->check_scope(author, TRY(model::ModelName::parse(request.model)), std::string_view()));
  }
  bool is_stored = false;
  const auto opened = [&](ports::ArtifactShelf& shelf) {
    return request.arriving ? parts_.packages.take(*request.arriving, request.filename, shelf)
                            : parts_.packages.open(request.upload, request.filename, shelf);
  };
  auto registered = [&]() -> Result<Pushed> {
    const auto batch = TRY(parts_.artifacts.begin_batch());
    const auto package = TRY(opened(*batch));
    const auto name = TRY(name_for(request, package.manifest));
    TRY(state_->check_scope(author, name, std::string_view()));
    // Not before: an upload may take hours, and until now the store has nothing of it.
    const auto lease = state_->collection.begin_push();
    is_stored = true;
    TRY(batch->commit());  // before anything refers to it
    return register_version(*state_, name, package, author);
  }();
  if (is_stored && !(registered && registered->created)) {
    static_cast<void>(state_->collection.collect());  // what was stored may be in no version
  }
  auto pushed = TRY(std::move(registered));
  if (pushed.version.stage == Stage::Registered) {
    // Its registration was the change; verifying it is none that must not happen twice.
    pushed.version = TRY(verify_registered(*state_, pushed.version, {author.principal, author.reason}));
  }
  return pushed;
}

Result<model::ModelVersion> Registry::import(ImportRequest request, const Author& author) {
  TRY(check(author));
  TRY(check(request.notes));
  const auto registered = [&]() -> Result<Pushed> {
    const auto lease = state_->collection.begin_push();
    const auto batch = TRY(parts_.artifacts.begin_batch());
    const auto package = TRY(parts_.packages.adopt(request.files, *batch));
    TRY(batch->commit());
    return register_version(*state_, request.model, package, author, &request);
  }();
  request.artifacts_held.reset();  // verifying takes long, and the version keeps them now
  if (!registered) static_cast<void>(state_->collection.collect());
  return verify_registered(*state_, TRY(registered).version, {author.principal, author.reason});
}

Result<ports::Stored<ports::ModelRecord>> Registry::create_model(const model::ModelName& name,
                                                                 model::Annotations annotations, const Author& author) {
  TRY(check(author));
  TRY(check(annotations));
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const auto found = TRY(parts_.metadata.model(name));
    if (found && !found->record.removed) return conflict(quoted(name) + " exists already");
    const WallTime now = parts_.clock.wall_now();
    annotations.changed_at = now;
    const ports::ModelRecord model{.name = name,
                                   .created_at = now,
                                   .last_version = found ? found->record.last_version : 0,
                                   .removed = false,
                                   .annotations = annotations};
    const std::uint64_t before = found ? found->revision : 0;
    if (TRY(state_->try_commit(author, {{model, before}}, {state_->event(author, "create", name.text(), "model")}))) {
      return ports::Stored<ports::ModelRecord>{model, before + 1};
    }
  }
  return lost_too_often(quoted(name));
}

Result<model::ModelVersion> Registry::verify(const model::ModelName& name, model::VersionNumber number,
                                             const Author& author) {
  TRY(check(author));
  const auto version = TRY(state_->existing(name, number)).record;
  if (version.stage != Stage::Registered) {
    return conflict(text_of(number) + " of " + quoted(name) + " is " + std::string(name_of(version.stage)) +
                    ": only a registered version is verified");
  }
  return verify_registered(*state_, version, author);
}

Result<std::size_t> Registry::verify_interrupted() {
  const Author author{"slipway", "the server ended during its verification"};
  std::size_t tried = 0;
  for (const model::ModelVersion& version : TRY(cut_off(parts_.metadata, {kNotVerified, kAwaitsGates}))) {
    if (version.reason == kAwaitsGates) {
      // Told before it begins, as below, by the run itself: it may wait behind others for long.
      TRY(state_->queue_gates({version.name, version.number, author.principal, author.reason, true}));
      ++tried;
      continue;
    }
    // Written first: if this try takes the server down, the next start leaves the version alone.
    const ports::ProbeOutcome begun{ports::ProbeOutcome::Verdict::Inconclusive, std::string(kCutOff), {}};
    const auto marked = record_outcome(*state_, version.name, version.number, begun, author);
    if (!marked && marked.error().code == ErrorCode::NotFound) continue;  // removed meanwhile
    TRY(marked);
    const auto verified = verify_registered(*state_, version, author);
    if (!verified && verified.error().code != ErrorCode::NotFound) return verified.error();
    ++tried;
    if (verified && verified->reason == kNotVerified) break;  // interrupted: this server ends as well
  }
  return tried;
}

}  // namespace slipway::registry

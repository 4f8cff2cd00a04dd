#include "house.h"

namespace slipway::registry_scenarios {
namespace {

Result<model::PackageFile> store_file(ports::ArtifactShelf& store, const std::string& path,
                                      const std::string& content) {
  auto writer = TRY(store.create());
  TRY(writer->write(as_bytes(content)));
  return model::PackageFile{path, content.size(), TRY(writer->finish())};
}

}  // namespace

Result<ports::OpenedPackage> ScriptedPackages::open(const std::string& path, std::string_view,
                                                    ports::ArtifactShelf& store) {
  ++opened;
  const std::size_t bar = path.find('|');
  const std::string name = path.substr(0, bar);
  const std::string content = path.substr(bar + 1);
  ports::OpenedPackage package{.manifest = {}, .manifest_text = "name: " + name, .files = {}};
  package.manifest.name = name;
  if (content.starts_with("child of ")) package.manifest_text += "\nparent: " + content.substr(9);
  package.files.push_back(TRY(store_file(store, "model.onnx", content)));
  if (content.starts_with("# ")) package.files.push_back(TRY(store_file(store, "MODEL_CARD.md", content)));
  package.files.push_back(TRY(store_file(store, "slipway.yaml", package.manifest_text)));
  if (after_storing) after_storing();
  if (content == "broken") return invalid_input("model.onnx: truncated");
  return package;
}

Result<ports::OpenedPackage> ScriptedPackages::adopt(std::vector<model::PackageFile> files,
                                                     ports::ArtifactShelf& store) {
  ports::OpenedPackage package{.manifest = {}, .manifest_text = "name: x", .files = std::move(files)};
  package.files.push_back(TRY(store_file(store, "slipway.yaml", package.manifest_text)));
  if (package.files.front().path == "broken") return invalid_input("broken");
  return package;
}

Result<model::Manifest> ScriptedPackages::read_manifest(std::string_view yaml) {
  constexpr std::string_view kParent = "\nparent: ";
  model::Manifest manifest;
  const std::size_t parent = yaml.find(kParent);
  if (parent != std::string_view::npos) manifest.lineage.parent = yaml.substr(parent + kParent.size());
  return manifest;
}

void ScriptedProbe::answer(const std::string& content, Verdict verdict, std::string reason) {
  outcomes_.lock()->insert_or_assign(sha256(as_bytes(content)), ports::ProbeOutcome{verdict, std::move(reason), {}});
}

ports::ProbeOutcome ScriptedProbe::probe(const model::ModelVersion& version) {
  ++probed;
  if (before_answer) before_answer();
  auto outcomes = outcomes_.lock();
  const auto found = outcomes->find(version.files.front().digest);
  if (found != outcomes->end()) return found->second;
  return {Verdict::Passed, "", {{Duration(1'000), Duration(10)}, true, mebibytes(2), Duration(5), 3}};
}

ports::GateFindings ScriptedGates::run(const model::ModelVersion& candidate, const model::ModelVersion* live,
                                       const std::function<void(std::string_view)>& progress) {
  progress("measuring");
  compared_with.push_back(live ? live->number : 0);
  if (before_answer) before_answer();
  ports::GateFindings findings{
      .verdict = model::Verdict::Pass, .reason = "", .plan = sha256(as_bytes("plan")), .body = ""};
  for (const auto& [content, answer] : answers) {
    if (candidate.files.front().digest == sha256(as_bytes(content))) findings = answer;
  }
  findings.body = "{\"run\": " + std::to_string(compared_with.size()) + padding + "}";
  return findings;
}

std::unique_ptr<registry::Registry> House::made() {
  return std::make_unique<registry::Registry>(
      registry::Registry::Parts{.metadata = metadata,
                                .artifacts = artifacts,
                                .packages = packages,
                                .probe = probe,
                                .clock = clock,
                                .log = log,
                                .desired_changed = [this] { ++desired_changes; },
                                .tokens_changed = [this] { ++token_changes; },
                                .rules = rules,
                                .refusals = &refusals,
                                .signatures = &signature_reader,
                                .artifacts_elsewhere = [this]() -> Result<std::vector<Digest>> { return elsewhere; },
                                .removing_artifacts =
                                    [this](const std::function<void()>& removal) {
                                      if (may_remove) removal();
                                    },
                                .gates = &gates,
                                .gates_wanted = [this] { ++gates_wanted; },
                                .own_changes =
                                    [this](const std::function<void()>& change) {
                                      if (may_record) change();
                                    },
                                .holding_artifacts =
                                    [this] {
                                      ++holds_told;
                                      return nullptr;
                                    },
                                .rollouts = &rollouts});
}

void House::restart() {
  registry = made();
}

Result<registry::Pushed> House::push(const std::string& model, const std::string& content,
                                     const std::string& filename) {
  return registry->push({.upload = content, .filename = filename, .model = model}, eva);
}

model::VersionNumber House::pushed(const std::string& content, const std::string& model) {
  const auto done = push(model, "|" + content);
  EXPECT_TRUE(done.ok()) << message(done);
  return done.ok() ? done->version.number : 0;
}

void House::given_versions(int count) {
  for (int i = 1; i <= count; ++i) pushed("weights " + std::to_string(i));
}

std::string House::stage_of(model::VersionNumber number, const std::string& model) {
  const auto found = registry->version(name(model), number);
  return found.ok() ? std::string(name_of(found->stage)) : outcome(found);
}

std::string House::reason_of(model::VersionNumber number) {
  const auto found = registry->version(name("fraud"), number);
  return found.ok() ? found->reason : outcome(found);
}

Result<std::uint64_t> House::deploy(model::VersionNumber number, std::string_view environment) {
  return registry->deploy(environment, name("fraud"), model::TrafficSplit::all_to(number), {}, eva);
}

void House::live(model::VersionNumber number, std::string_view environment) {
  const auto revision = deploy(number, environment);
  ASSERT_TRUE(revision.ok()) << message(revision);
  ASSERT_TRUE(registry->mark_live(environment, name("fraud"), *revision).ok());
}

std::string House::rolled_back(std::string_view environment) {
  const auto done = registry->rollback(environment, name("fraud"), eva);
  return done.ok() ? served(environment) : outcome(done);
}

std::string House::served(std::string_view environment) {
  const auto desired = registry->desired(environment).value();
  for (const auto& stored : desired) {
    if (stored.record.model != name("fraud")) continue;
    std::string text;
    for (const model::Share& share : stored.record.split.shares()) {
      text += (text.empty() ? "version " : " and ") + std::to_string(share.version);
    }
    return text;
  }
  return "nothing";
}

std::string House::points_to(std::string_view alias_text) {
  const auto number = registry->resolve({name("fraud"), alias(alias_text)});
  return number.ok() ? "version " + std::to_string(*number) : outcome(number);
}

}  // namespace slipway::registry_scenarios

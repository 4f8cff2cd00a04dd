// What the parts of the Registry share: reading with good refusals, committing, and turns at verification.
#pragma once

#include <condition_variable>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "service/registry/artifact_collection.h"
#include "service/registry/registry.h"

namespace slipway::registry {

// A change that lost its race this often gives up: each loss means that another change came through.
inline constexpr int kAttempts = 256;
inline constexpr std::string_view kProduction = "production";  // deployments there move the alias of this name
inline constexpr std::string_view kAwaitsGates = "verified, waits for its gates";  // why a version is Registered
// The reason of a Registered version whose verification is under way, or was cut off.
inline constexpr std::string_view kNotVerified = "not verified yet";

// Lets one thread at a time verify a version; the others wait for its outcome. Any thread. Owned by the Registry.
class VerificationTurns {
 public:
  using Key = std::pair<std::string, model::VersionNumber>;

  // True: the caller has the turn and must end() it. False: it waited until another's turn ended.
  bool begin(const Key& key);
  void end(const Key& key);
  bool is_running(const Key& key) const;

 private:
  Guarded<std::set<Key>> running_;
  std::condition_variable ended_;
};

// What was found of signatures, so that a large one costs its keys' checks once and not with every question. Any
// thread. A finding follows from its key alone, as the trusted keys stay as they are; so nothing that changes is
// remembered.
class SignatureFindings {
 public:
  static Digest key_of(const model::ModelVersion& version, std::string_view bundle);
  std::optional<governance::SignatureFinding> find(const Digest& key) const;
  void keep(const Digest& key, governance::SignatureFinding finding);

 private:
  Guarded<std::map<Digest, governance::SignatureFinding>> found_;
};

struct Registry::State {
  explicit State(const Parts& parts_)
      : parts(parts_),
        collection(parts_.metadata, parts_.artifacts, parts_.log, parts_.artifacts_elsewhere, parts_.removing_artifacts,
                   parts_.holding_artifacts) {}

  // NotFound: there is none of that name.
  Result<ports::Stored<ports::ModelRecord>> existing(const model::ModelName& name) const;
  Result<ports::Stored<model::ModelVersion>> existing(const model::ModelName& name, model::VersionNumber number) const;
  Result<std::optional<ports::Stored<model::DesiredServing>>> desired(std::string_view environment,
                                                                      const model::ModelName& name) const;
  Result<std::optional<ports::Stored<ports::AliasRecord>>> alias(const model::ModelName& name,
                                                                 const model::Alias& alias) const;

  // With the author's mark that it was applied.
  Result<void> commit(const Author& author, std::vector<ports::Change> changes,
                      const std::vector<model::Event>& events) const;
  // True: committed. False: another change came first; read again and decide anew.
  Result<bool> try_commit(const Author& author, const std::vector<ports::Change>& changes,
                          const std::vector<model::Event>& events) const;
  model::Event event(const Author& author, std::string action, const std::string& model, std::string subject) const;

  // Nothing unless the alias moves. Adds the change and its event. current: as read when the move was decided; a second
  // reading could find the move already done by another, who would then seem to be this one.
  void move_alias(const ports::AliasRecord& to, const std::optional<ports::Stored<ports::AliasRecord>>& current,
                  const Author& author, std::vector<ports::Change>& changes, std::vector<model::Event>& events) const;
  // The one question before an environment takes a version. Conflict: a policy forbids it; noted as refused.
  // Requires: the change that follows rewrites the model's record as it was read before this was asked, as every change
  // of approvals does; so neither slips past the other.
  Result<governance::Entry> may_enter(std::string_view environment, const model::ModelName& name,
                                      model::VersionNumber number, const Author& author) const;
  // The same for every environment that the alias stands for.
  Result<governance::Entry> may_point(const model::ModelName& name, const model::Alias& alias,
                                      model::VersionNumber number, const Author& author) const;

  // Conflict: a rollout of the model is open in the environment, and the author is not that rollout. Asked after the
  // model's record was read that the change rewrites: a rollout that moves traffic after this was asked wins.
  enum class WayBack : std::uint8_t {
    No,
    Yes
  };  // Yes: records of rollouts that cannot be read do not stand in its way
  Result<void> check_no_rollout(std::string_view environment, const model::ModelName& name, const Author& author,
                                WayBack way_back = WayBack::No) const;
  // Conflict: an open rollout is about this version, or any of the model.
  Result<void> check_not_rolled_out(const model::ModelName& name, std::optional<model::VersionNumber> number) const;

  bool asks_gates(const model::ModelName& name) const;
  // A verified version waits for its gates from now on. Full: its reason says so.
  Result<void> queue_gates(const GateQueue::Item& item);
  // Everything the rules look at, as it stands now.
  struct Question {
    governance::Candidate candidate;
    std::vector<governance::Approval> approvals;
  };
  Result<Question> question_about(const model::ModelVersion& version) const;

  governance::SignatureFinding check_signature(const model::ModelVersion& version, std::string_view bundle) const;
  Result<std::vector<Signature>> signatures_of(const model::ModelVersion& version) const;

  // Denied: outside what the author is limited to. `environment` empty: the change concerns none.
  Result<void> check_scope(const Author& author, const model::ModelName& name, std::string_view environment) const;
  // The same for the environments that the alias stands for.
  Result<void> check_scope(const Author& author, const model::ModelName& name, const model::Alias& alias) const;

  // A token comes into being, with its event.
  Result<void> add(const ports::TokenRecord& token, const Author& author) const;

  const Parts& parts;
  ArtifactCollection collection;
  VerificationTurns verifications;
  GateQueue gates;
  mutable SignatureFindings findings;
  // Why a version was last kept from being loaded, so that each further try does not fill the history.
  Guarded<std::map<std::string, std::string>> refused_loads;
};

// InvalidInput: a reason or principal that is too long or not printable.
Result<void> check(const Author& author);
Error lost_too_often(const std::string& what);
ports::VersionFacts facts_of(const model::ModelName& name, model::VersionNumber number,
                             const model::Manifest& manifest);
// Under `name`, from the manifest that is stored. One that cannot be read any more says nothing: the version is found
// by all else.
ports::VersionFacts stored_facts(ports::PackageReader& packages, const model::ModelName& name,
                                 const model::ModelVersion& version);
std::string quoted(const model::ModelName& name);           // model "fraud"
std::string quoted(const model::Alias& alias);              // alias "champion"
std::string text_of(model::VersionNumber number);           // version 3
std::string text_of(const model::DesiredServing& serving);  // its split; with a mirror: ..., 10 % mirrored to version 4
std::string text_of(const model::TrafficSplit& split);      // version 3, or: version 3 at 90 %, version 4 at 10 %

}  // namespace slipway::registry

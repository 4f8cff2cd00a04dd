// Registry: the only writer of models, versions, aliases, desired serving and tokens.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "domain/governance/approval.h"
#include "domain/model/serving.h"
#include "domain/model/version.h"
#include "ports/artifact_store.h"
#include "ports/candidate_probe.h"
#include "ports/metadata_store.h"
#include "ports/package_reader.h"
#include "ports/rollout_store.h"
#include "ports/signature_reader.h"
#include "ports/version_gates.h"
#include "service/registry/gate_queue.h"
#include "service/registry/refusals.h"

namespace slipway::registry {

// Who asks for a change, and why; both go into the history.
struct Author {
  std::string principal;
  std::string reason;
  std::shared_ptr<const access::Scope> scope = nullptr;  // what the caller is limited to
  // Written with the change; Conflict when it was written before: then the change was applied already.
  std::optional<ports::IdempotencyRecord> once = {};
  std::optional<std::uint64_t> rollout = {};  // whose step this is; others wait until it is over
};

// What an environment is to serve of a model. Without a rule that which is there stays; a mirror ends unless it is said
// again.
struct Wanted {
  Wanted(model::TrafficSplit wanted, std::optional<model::AssignmentRule> rule = std::nullopt,
         std::optional<model::Mirror> mirrored = std::nullopt)
      : split(std::move(wanted)), assignment(std::move(rule)), mirror(mirrored) {}
  model::TrafficSplit split;
  std::optional<model::AssignmentRule> assignment;
  std::optional<model::Mirror> mirror;
};

struct PushRequest {
  std::string upload;                          // path of the uploaded file on local disk
  std::string filename;                        // as the user named it
  std::string model;                           // empty: from the manifest, else from the file name
  ports::ArrivingPackage* arriving = nullptr;  // instead of `upload`
};
struct Pushed {
  model::ModelVersion version;
  bool created = false;  // false: identical content was there already
};

// A version made of artifacts that are there already, such as those a training run has kept.
struct ImportRequest {
  model::ModelName model;
  std::vector<model::PackageFile> files;
  model::VersionNotes notes;               // whose model and version are set here
  std::vector<std::string> makers = {};    // besides the author: their word does not let it in either
  std::shared_ptr<void> artifacts_held{};  // of hold_artifacts(): let go before the version is verified
};

using ports::ModelSummary;

// The model card of a version as its package has it.
struct Card {
  std::string source;  // the file that holds it: MODEL_CARD.md or slipway.yaml; empty: there is none
  std::string markdown;
};

// A version and what its package says of where it comes from.
struct Ancestor {
  model::ModelName name;
  model::VersionNumber number;
  std::optional<model::ModelVersion> version;  // none: it is not here, or no more
  model::Lineage lineage;
};

// Any thread; every method blocks. Each change is one transaction with its event; a lost race is Conflict.
class Registry {
 public:
  struct Parts {
    ports::MetadataStore& metadata;
    ports::ArtifactStore& artifacts;
    ports::PackageReader& packages;
    ports::CandidateProbe& probe;
    const Clock& clock;
    Log& log;
    std::function<void()> desired_changed;  // told after each change of desired serving; any thread
    std::function<void()> tokens_changed;
    governance::Rules rules = {};                        // what environments ask of versions
    Refusals* refusals = nullptr;                        // where attempts that a policy forbids are noted
    const ports::SignatureReader* signatures = nullptr;  // none: no signature counts
    // The artifacts that something besides versions needs; none: nothing does.
    std::function<Result<std::vector<Digest>>()> artifacts_elsewhere{};
    // Runs what removes artifacts, or leaves it undone for later, as while another process has these stores; none: it
    // always runs.
    std::function<void(const std::function<void()>&)> removing_artifacts{};
    ports::VersionGates* gates = nullptr;  // what a verified version has to pass; null: nothing
    std::function<void()> gates_wanted{};  // told for each version that waits for its gates; any thread
    // As removing_artifacts, for what the gates' runs write.
    std::function<void(const std::function<void()>&)> own_changes{};
    // While what it returns lives, nobody else removes artifacts; none: nobody else has these stores.
    std::function<std::shared_ptr<void>()> holding_artifacts{};
    // While one of them is open, nobody else changes what its model serves there, or takes its versions away; null:
    // there are none.
    ports::RolloutStore* rollouts = nullptr;
  };
  explicit Registry(Parts parts);
  ~Registry();

  // Stores the package, registers a version and verifies it. A rejected version is an Ok answer whose stage says so.
  Result<Pushed> push(const PushRequest& request, const Author& author);
  // Registers a version from artifacts: always a new number, whatever is there. Verified as a pushed one. The caller
  // holds the artifacts or has them in use. InvalidInput: more than 1,000 makers, or one that is no name.
  Result<model::ModelVersion> import(ImportRequest request, const Author& author);
  // A model without versions. Conflict: there is one of that name.
  Result<ports::Stored<ports::ModelRecord>> create_model(const model::ModelName& name, model::Annotations annotations,
                                                         const Author& author);
  // Verifies a Registered version again.
  Result<model::ModelVersion> verify(const model::ModelName& name, model::VersionNumber number, const Author& author);
  // Verifies the versions whose verification was cut off by the server's end. Each gets one such try, so that a version
  // that takes the server down does not do so at every start. The application calls it once, after start. Returns how
  // many were tried.
  Result<std::size_t> verify_interrupted();

  // A version's newest evidence first, and whether its gates are being asked.
  struct GateStanding {
    GateQueue::Standing now;
    model::ModelVersion version;
    std::vector<ports::EvidenceRecord> evidence;
    std::uint64_t next = 0;  // below which evidence() goes on; 0: that was all
  };
  // Has the gates asked of a Registered or Validated version, once more if they were; does not wait for them. Only a
  // Registered version is moved by what they find. NotFound: nothing asks gates of this model. Overloaded: too many
  // versions wait, or it has as much evidence as is kept of one.
  Result<GateStanding> ask_gates(const model::ModelName& name, model::VersionNumber number, const Author& author);
  // The evidence below the sequence `before` (0: from the newest); ends early once its bodies are some mebibytes.
  Result<GateStanding> evidence(const model::ModelName& name, model::VersionNumber number, std::uint64_t before,
                                std::size_t limit);
  // Asks the gates of all versions that wait, one after the other. The application calls it for each `gates_wanted`, on
  // one thread. Where the store cannot be reached all of them wait on.
  void run_waiting_gates();
  // Some wait on since a while for that reason: time to run_waiting_gates() again. The application asks now and then.
  bool are_gates_due() const;

  // All of it in one step: versions with their numbers and what they are searched by, aliases, and what people wrote.
  // Evidence, approvals and the history stay with the old name, to which nothing is renamed. Conflict: there is or was
  // one named `to`, it is served somewhere, a version is being verified or has not passed the gates of `to`, or an
  // alias stands for an environment that asks approvals of `to`.
  Result<void> rename_model(const model::ModelName& from, const model::ModelName& to, const Author& author);

  // In order of name, after the name `after`; versions without files and manifest. With a scope, its models alone.
  Result<std::vector<ModelSummary>> models(std::string_view after, std::size_t limit,
                                           const access::Scope* scope = nullptr);
  // An attempt that was refused before it came here, for the history. `model`: "": of none.
  void note_refusal(std::string_view principal, std::string_view model, std::string_view what, const Error& why);

  // As ports::MetadataStore says of these. With a scope, among its models alone, as if there were no others; Denied: it
  // covers more than 1,000.
  Result<ports::FoundPage<ModelSummary>> search_models(search::Query query, const access::Scope* scope = nullptr);
  Result<ports::FoundPage<ports::FoundVersion>> search_versions(search::Query query,
                                                                const access::Scope* scope = nullptr);
  // Writes down what the manifests of versions say that have come before there were searches; how many. The application
  // calls it once, after start.
  Result<std::size_t> write_missing_facts();
  Result<ModelSummary> model(const model::ModelName& name);                                        // NotFound
  Result<model::ModelVersion> version(const model::ModelName& name, model::VersionNumber number);  // NotFound
  Result<model::ModelReference> parse(std::string_view reference);  // NAME, NAME:3, NAME@alias
  // The number `reference` means now: the version said, the alias's, else the newest Validated.
  Result<model::VersionNumber> resolve(const model::ModelReference& reference);

  // Compare-and-set: `expected` is the version the alias points to now (0: it does not exist; none: whatever it is).
  Result<void> set_alias(const model::ModelName& name, const model::Alias& alias, model::VersionNumber version,
                         std::optional<model::VersionNumber> expected, const Author& author);
  Result<void> remove_alias(const model::ModelName& name, const model::Alias& alias, const Author& author);

  Result<ports::Stored<ports::ModelRecord>> record(const model::ModelName& name);  // NotFound
  // What people write about a model or a version. `change` edits the present state, and may be asked again after a lost
  // race; what it refuses is passed on. `expected`: the revision the caller read (0: nobody wrote about the version
  // yet); none: whatever it is. InvalidInput: beyond the limits of domain/model/annotations.h.
  Result<ports::Stored<ports::ModelRecord>> annotate(const model::ModelName& name,
                                                     const std::function<Result<void>(model::Annotations&)>& change,
                                                     std::optional<std::uint64_t> expected, const Author& author);
  Result<ports::Stored<model::VersionNotes>> annotate(const model::ModelName& name, model::VersionNumber number,
                                                      const std::function<Result<void>(model::VersionNotes&)>& change,
                                                      std::optional<std::uint64_t> expected, const Author& author);
  // Of a version that exists; revision 0: nobody wrote about it yet.
  Result<ports::Stored<model::VersionNotes>> notes(const model::ModelName& name, model::VersionNumber number);

  // A file of the version's package, checked against its digest. NotFound: there is none of that path. InvalidInput: it
  // is larger than `limit`.
  Result<std::vector<std::byte>> read_file(const model::ModelName& name, model::VersionNumber number,
                                           std::string_view path, Bytes limit);
  Result<Card> card(const model::ModelName& name, model::VersionNumber number);
  // The version, its parent, that one's, ... up to one without a parent, one that is not here, or one met before; at
  // most 64. With a scope, a parent of a model outside it is not here, whether there is one or not.
  Result<std::vector<Ancestor>> ancestry(const model::ModelName& name, model::VersionNumber number,
                                         const access::Scope* scope = nullptr);

  // Writes desired serving. Only Validated versions. `expected_revision` none: whatever it is. Returns the new
  // revision. All of production's traffic to one version moves the alias `production` in the same transaction.
  Result<std::uint64_t> deploy(std::string_view environment, const model::ModelName& name, const Wanted& wanted,
                               std::optional<std::uint64_t> expected_revision, const Author& author);
  // Restores the last fully live entry before the present one as a new revision; repeating it walks back. Conflict:
  // none left.
  Result<ports::Stored<model::DesiredServing>> rollback(std::string_view environment, const model::ModelName& name,
                                                        const Author& author);
  Result<void> undeploy(std::string_view environment, const model::ModelName& name, const Author& author);
  Result<std::vector<ports::Stored<model::DesiredServing>>> desired(std::string_view environment);
  // Serving reports that every version of this revision is loaded and answers; only such entries are ways back. A
  // revision that is no longer the desired one is ignored.
  Result<void> mark_live(std::string_view environment, const model::ModelName& name, std::uint64_t revision);

  // Gives the author's word that these bytes may go into the environment, upon the newest evidence there is. Only a
  // Validated version; Denied: the author made it. The same word again is the one there is.
  Result<ports::ApprovalRecord> approve(const model::ModelName& name, model::VersionNumber number,
                                        std::string_view environment, std::optional<Duration> lifetime,
                                        const Author& author);
  // Lets it in for a while whatever the policies ask; needs a reason, and is told loudly.
  Result<ports::ApprovalRecord> override_policies(const model::ModelName& name, model::VersionNumber number,
                                                  std::string_view environment, Duration lifetime,
                                                  const Author& author);
  Result<void> revoke_approval(const model::ModelName& name, model::VersionNumber number, std::string_view id,
                               const Author& author);
  // Whether the words given for a version are enough now for a step of a rollout that asks for some: as its policies
  // ask, and one where none does. Conflict: what is missing.
  Result<governance::Entry> may_advance(std::string_view environment, const model::ModelName& name,
                                        model::VersionNumber number);
  // How a version stands: every word given for it, and for each environment with a policy whether it may go there.
  struct Standing {
    std::string environment;
    Result<governance::Entry> entry;
  };
  struct Approvals {
    std::vector<ports::ApprovalRecord> given;  // in order of time, also those that no longer count
    std::vector<Standing> standings;
  };
  Result<Approvals> approvals(const model::ModelName& name, model::VersionNumber number);

  // A signature of a version, and what is to be thought of it with the keys that are trusted now.
  struct Signature {
    std::string source;  // "attached", or the file of the package
    Digest digest;       // of the signature's file
    std::string attached_by;
    WallTime at{};
    governance::SignatureFinding finding;
  };
  // InvalidInput: no signature's file, or one for something else. One by a key that is not trusted is kept; it counts
  // if the key is trusted later. The same again is the one there is.
  Result<Signature> attach_signature(const model::ModelName& name, model::VersionNumber number,
                                     const std::string& bundle, const Author& author);
  Result<std::vector<Signature>> signatures(const model::ModelName& name, model::VersionNumber number);
  // Before a server of that environment loads the version. Conflict: a policy requires a signature that it has not.
  // Corrupt: the record is not what its files, which are what is signed, say.
  Result<void> may_load(std::string_view environment, const model::ModelVersion& version);

  // Keeps a version, with its files and history, and serves it never again. Conflict: it is served somewhere, an alias
  // points to it, or it is still registered. One that is retired already stays as it is.
  Result<model::ModelVersion> retire_version(const model::ModelName& name, model::VersionNumber number,
                                             const Author& author);
  // Removes a version (or a model with all of them) that nothing desired serves. Its aliases and what people wrote
  // about it go along, its artifacts when nothing else needs them.
  Result<void> remove_version(const model::ModelName& name, model::VersionNumber number, const Author& author);
  Result<void> remove_model(const model::ModelName& name, const Author& author);
  // After it, no removal or renaming that was decided before takes anything of the model away: it is decided anew.
  Result<void> settle_removals(const model::ModelName& name);
  // Removes the artifacts that no version refers to; returns how many. Also done by itself after each removal and each
  // failed push; the application calls it once at start. Waits for no push: with one in progress it happens afterwards.
  Result<std::size_t> collect_artifacts();
  // While what it returns lives, no artifact is removed: for whoever puts some there that are in use only a moment
  // later. Blocks while a collection runs.
  std::shared_ptr<void> hold_artifacts();
  // The same of this process alone: for whoever reads some that are in use, without a word to other processes.
  std::shared_ptr<void> read_artifacts();
  // A version's file by its path in the package. NotFound: no such model, version or file.
  Result<std::unique_ptr<ports::Content>> file(const model::ModelName& name, model::VersionNumber number,
                                               std::string_view path);

  // The request of this key, if it was applied (Author::once).
  Result<std::optional<ports::IdempotencyRecord>> applied(const Digest& key);
  // Keeps what was answered to it; the first answer stays.
  Result<void> keep_answer(const ports::IdempotencyRecord& answered);

  Result<std::vector<model::Event>> history(std::string_view model, std::uint64_t before, std::size_t limit);

  // The whole history and its signed heads, oldest first, above `after`.
  Result<std::vector<model::Event>> trail(std::uint64_t after, std::size_t limit);
  Result<std::vector<model::AuditHead>> heads(std::uint64_t after, std::size_t limit);

  struct NewToken {
    ports::TokenRecord record;
    std::string secret;  // shown once: "slw_" and 64 hexadecimal digits
  };
  Result<NewToken> create_token(std::string_view name, access::Role role, std::optional<Duration> lifetime,
                                const Author& author, access::Scope scope = {});
  // Unless a token opens as admin already, creates one. `keep` gets its secret before it opens anything, so that no
  // crash leaves a token whose secret nobody has; when `keep` fails there is none.
  Result<void> ensure_admin_token(const std::function<Result<void>(const std::string& secret)>& keep);
  Result<std::vector<ports::TokenRecord>> tokens();
  Result<void> revoke_token(std::string_view id_or_name, const Author& author);

  struct State;  // of this room's own files: registry_state.h

 private:
  Parts parts_;
  std::unique_ptr<State> state_;
};

}  // namespace slipway::registry

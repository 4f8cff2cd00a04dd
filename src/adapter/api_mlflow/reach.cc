#include "adapter/api_mlflow/reach.h"

#include "adapter/api_mlflow/call.h"
#include "domain/access/scope.h"

namespace slipway::api_mlflow {

using training::Entry;
using training::EntryKey;
using training::Kind;

bool Reach::is_limited() const {
  const auto& scope = request_.principal().scope;
  return scope && !scope->models.empty();
}

// Requires: is_limited().
Error Reach::refused(std::string_view model) const {
  const access::Principal& caller = request_.principal();
  Error error = access::outside_scope(caller.name, *caller.scope);
  if (model.empty()) {
    error.message +=
        "; of training it reaches experiments of such names, and the runs and logged models that it made itself";
  }
  const std::string what = std::string(net::name_of(request_.method())) + " " + std::string(request_.path());
  desk_.parts.registry.note_refusal(caller.name, model, what, error);
  return error;
}

Error Reach::out_of_reach() const {
  return refused("");
}

Result<void> Reach::expect(const model::ModelName& name) const {
  if (access::covers_model(request_.principal(), name.text())) return {};
  return refused(name.text());
}

Result<void> Reach::expect_name(std::string_view experiment) const {
  if (access::covers_model(request_.principal(), experiment)) return {};
  return out_of_reach();
}

Result<void> Reach::expect(const EntryKey& key, Use use) const {
  if (!is_limited()) return {};
  const auto found = desk_.parts.tracking.entry(key);
  if (!found && found.error().code != ErrorCode::NotFound) return found.error();
  if (found && covers(*found, use)) return {};
  return out_of_reach();
}

bool Reach::covers(const Entry& entry, Use use) const {
  if (!is_limited()) return true;
  const access::Principal& caller = request_.principal();
  if (entry.key.kind != Kind::Experiment) return entry.owner == caller.name;
  return (entry.key.id == tracking::kDefaultExperiment && use != Use::Change) ||
         access::covers_model(caller, entry.name);
}

std::function<bool(const Entry&)> Reach::filter() const {
  if (!is_limited()) return {};
  return [reach = *this](const Entry& entry) { return reach.covers(entry, Use::Look); };
}

}  // namespace slipway::api_mlflow

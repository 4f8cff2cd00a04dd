#include "domain/tensor/signature.h"

#include <algorithm>

#include "base/text.h"

namespace slipway::tensor {
namespace {

std::optional<std::size_t> index_of(const std::vector<TensorSpec>& specs, std::string_view name) {
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (specs[i].name == name) return i;
  }
  return std::nullopt;
}

std::string names_of(const std::vector<TensorSpec>& specs) {
  std::string text;
  for (const TensorSpec& spec : specs) text += (text.empty() ? "\"" : ", \"") + spec.name + "\"";
  return text.empty() ? "none" : text;
}

std::string quoted(std::string_view kind, std::string_view name) {
  return std::string(kind) + " \"" + printable(name) + "\"";
}

Result<void> check_shape(const TensorSpec& spec, const TensorView& view, std::uint64_t max_batch) {
  const auto where = [&] { return quoted("input", view.name); };  // only when something is wrong: this path is hot
  if (view.shape.rank() != spec.shape.rank()) {
    return invalid_input(where() + ": expected shape " + spec.shape.to_string() + " of " +
                         std::to_string(spec.shape.rank()) + " dimensions, found " + view.shape.to_string());
  }
  for (std::size_t i = 0; i < spec.shape.rank(); ++i) {
    const std::int64_t expected = spec.shape[i];
    const std::int64_t found = view.shape[i];
    if (found < 0 || (expected != kFreeDimension && found != expected)) {
      return invalid_input(where() + ": expected shape " + spec.shape.to_string() + ", found " +
                           view.shape.to_string() + ": dimension " + std::to_string(i) + " must be " +
                           (expected == kFreeDimension ? std::string("0 or more") : std::to_string(expected)));
    }
    if (i == 0 && expected == kFreeDimension && found == 0) {
      return invalid_input(where() + ": expected at least one row, found shape " + view.shape.to_string());
    }
  }
  if (max_batch != 0 && spec.shape.rank() > 0 && spec.shape[0] == kFreeDimension &&
      static_cast<std::uint64_t>(view.shape[0]) > max_batch) {
    return invalid_input(where() + ": expected at most " + std::to_string(max_batch) + " rows in one request, found " +
                         std::to_string(view.shape[0]));
  }
  return {};
}

// Who says what, in messages.
struct Parties {
  std::string_view declaring;
  std::string_view actual;
};
constexpr Parties kManifestAndFile{"the manifest", "the model"};
constexpr Parties kPackageAndEngine{"the package", "the engine"};

enum class Free : std::uint8_t { StaysFree, MayBeFixed };  // what was declared free, in the model itself

Result<void> check_specs(std::string_view kind, Free free, const std::vector<TensorSpec>& declared,
                         const std::vector<TensorSpec>& actual, const Parties& parties) {
  const std::string says = std::string(parties.declaring) + " says ";
  const std::string other = ", " + std::string(parties.actual) + " ";
  for (const TensorSpec& spec : declared) {
    const auto found = index_of(actual, spec.name);
    if (!found) {
      return invalid_input(std::string(parties.declaring) + " declares " + quoted(kind, spec.name) + other + "has " +
                           names_of(actual));
    }
    const TensorSpec& real = actual[*found];
    if (real.datatype != spec.datatype) {
      return invalid_input(quoted(kind, spec.name) + ": " + says + std::string(name_of(spec.datatype)) + other +
                           std::string(name_of(real.datatype)));
    }
    const Shape& shape = spec.model_shape ? *spec.model_shape : spec.shape;
    bool fits = real.shape.rank() == shape.rank();
    for (std::size_t i = 0; fits && i < shape.rank(); ++i) {
      fits = real.shape[i] == kFreeDimension || shape[i] == real.shape[i] ||
             (free == Free::MayBeFixed && shape[i] == kFreeDimension);
    }
    if (!fits) {
      return invalid_input(quoted(kind, spec.name) + ": " + says + (spec.model_shape ? "model_shape " : "shape ") +
                           shape.to_string() + other + real.shape.to_string());
    }
  }
  return {};
}

Result<void> check(const Signature& declared, const Signature& actual, const Parties& parties) {
  TRY(check_specs("input", Free::StaysFree, declared.inputs, actual.inputs, parties));
  TRY(check_specs("output", Free::MayBeFixed, declared.outputs, actual.outputs, parties));
  for (const TensorSpec& real : actual.inputs) {
    if (!real.optional && !declared.input_index(real.name)) {
      return invalid_input(std::string(parties.actual) + " needs " + quoted("input", real.name) + ", " +
                           std::string(parties.declaring) + " does not declare it");
    }
  }
  return {};
}

}  // namespace

std::optional<std::size_t> Signature::input_index(std::string_view name) const {
  return index_of(inputs, name);
}
std::optional<std::size_t> Signature::output_index(std::string_view name) const {
  return index_of(outputs, name);
}

bool has_batch_dimension(const Signature& signature) {
  const auto is_free = [](const Shape& shape) { return shape.rank() > 0 && shape[0] == kFreeDimension; };
  const auto free_first = [&](const TensorSpec& spec) {
    return is_free(spec.shape) && (!spec.model_shape || is_free(*spec.model_shape));
  };
  return !signature.inputs.empty() && std::ranges::all_of(signature.inputs, free_first) &&
         std::ranges::all_of(signature.outputs, free_first);
}

Result<void> check_request(const Signature& signature, std::span<const TensorView> inputs, std::uint64_t max_batch) {
  const TensorView* rows_from = nullptr;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const TensorView& view = inputs[i];
    const auto index = signature.input_index(view.name);
    if (!index) {
      return invalid_input("unknown " + quoted("input", view.name) + ": the model takes " + names_of(signature.inputs));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (inputs[j].name == view.name) return invalid_input(quoted("input", view.name) + " is given twice");
    }
    const TensorSpec& spec = signature.inputs[*index];
    if (spec.datatype != view.datatype) {
      return invalid_input(quoted("input", view.name) + ": expected datatype " + std::string(name_of(spec.datatype)) +
                           ", found " + std::string(name_of(view.datatype)));
    }
    TRY(check_shape(spec, view, max_batch));
    TRY(check_data_length(view));
    if (spec.shape.rank() > 0 && spec.shape[0] == kFreeDimension && max_batch != 0) {
      if (rows_from && rows_from->shape[0] != view.shape[0]) {
        return invalid_input(quoted("input", view.name) + ": expected " + std::to_string(rows_from->shape[0]) +
                             " rows as in " + quoted("input", rows_from->name) + ", found " +
                             std::to_string(view.shape[0]));
      }
      rows_from = &view;
    }
  }
  if (inputs.size() == signature.inputs.size()) return {};
  for (const TensorSpec& spec : signature.inputs) {
    const bool given = std::ranges::any_of(inputs, [&](const TensorView& view) { return view.name == spec.name; });
    if (!given && !spec.optional) return invalid_input(quoted("input", spec.name) + " is missing");
  }
  return {};
}

Result<void> check_declaration(const Signature& declared, const Signature& actual) {
  return check(declared, actual, kManifestAndFile);
}

Result<Signature> settle_declaration(Signature declared, const Signature& reported) {
  TRY(check(declared, reported, kPackageAndEngine));
  for (TensorSpec& spec : declared.outputs) {
    if (spec.model_shape) continue;
    const Shape& real = reported.outputs[*reported.output_index(spec.name)].shape;
    for (std::size_t i = 0; i < spec.shape.rank(); ++i) spec.shape.set(i, spec.shape[i] < 0 ? real[i] : spec.shape[i]);
  }
  return declared;
}

}  // namespace slipway::tensor

#include "service/serving/version_loader.h"

#include <algorithm>

#include "domain/governance/signature.h"
#include "domain/tensor/sample.h"

namespace slipway::serving {
namespace {

// Without a measurement: what the files take, twice, for the engine's own copies.
Bytes memory_of(const model::ModelVersion& version) {
  if (version.verification && version.verification->memory.count != 0) return version.verification->memory;
  std::uint64_t total = 0;
  for (const model::PackageFile& file : version.files) total += file.size;
  return {2 * total};
}

Result<void> run_once(ports::LoadedModel& loaded, const model::Manifest& manifest) {
  const bool has_example = !manifest.golden.empty();
  const std::vector<tensor::Tensor> inputs =
      has_example ? manifest.golden.front().inputs : tensor::sample_inputs(manifest.signature, 1, 1);
  ports::Batch batch;
  for (const tensor::Tensor& input : inputs) batch.inputs.push_back(input.view());
  for (std::uint32_t i = 0; i < loaded.signature().outputs.size(); ++i) batch.wanted.push_back(i);
  auto ran = loaded.execute(batch);
  batch.release();
  // Made-up values may be none the model accepts; its verification has seen better ones.
  if (!ran.ok() && !has_example && ran.error().code == ErrorCode::InvalidInput) return {};
  return ran;
}

// As its manifest says; the registry's number where it says none.
model::VersionNumber protocol_version(const model::Manifest& manifest, model::VersionNumber number) {
  const auto label = manifest.labels.find(std::string(ports::kProtocolVersionLabel));
  if (label == manifest.labels.end()) return number;
  return model::parse_version(label->second).value_or(number);
}

// The limit on waiting, where its manifest has one, as a limit on the whole request: what executing takes at most is
// added, so that a model that takes longer than a request may wait is served all the same.
void limit_waiting(model::Manifest& manifest, const model::Cost& cost) {
  constexpr std::uint64_t kUsualBatch = model::Batching{}.max_batch;
  const auto label = manifest.labels.find(std::string(ports::kQueueTimeoutLabel));
  if (label == manifest.labels.end()) return;
  const auto wait = parse_duration(label->second);
  if (!wait || *wait <= Duration(0)) return;
  const std::uint64_t rows = manifest.batching.max_batch == 0 ? kUsualBatch : manifest.batching.max_batch;
  const Duration executing = cost.fixed + cost.per_row * static_cast<std::int64_t>(rows);
  manifest.limits.timeout = std::min(manifest.limits.timeout, *wait + executing);
}

}  // namespace

Result<ServedVersion::Loaded> VersionLoader::load(const model::ModelName& name, model::VersionNumber number) const {
  const auto stored = TRY(parts_.metadata.version(name, number));
  if (!stored) return not_found("the registry has no version " + std::to_string(number) + " of this model");
  const model::ModelVersion& version = stored->record;
  if (version.stage != model::Stage::Validated || !version.verification) {
    return not_ready("only validated versions are served, this one is " + std::string(model::name_of(version.stage)));
  }
  if (parts_.guard) TRY(parts_.guard->may_load(version));
  model::Manifest manifest = TRY(parts_.packages.read_manifest(version.manifest));
  ports::Backend* backend = TRY(parts_.backends.find(manifest.format));
  auto reserved = TRY(parts_.budget.reserve(memory_of(version)));

  std::vector<std::vector<std::byte>> contents;
  std::vector<ports::ModelFile> files;
  ports::LoadRequest request{.declared = &manifest.signature};
  for (const model::PackageFile& file : version.files) {
    auto bytes = parts_.artifacts.read(file.digest, {file.size});
    if (!bytes) return std::move(bytes).error().within("file " + file.path);
    // The one file that no signature covers reaches no engine.
    if (file.path == governance::kSignatureFile) continue;
    contents.push_back(*std::move(bytes));
    if (file.path == manifest.main_file) request.main = files.size();
    files.push_back({file.path, contents.back(), nullptr});
  }
  request.files = files;
  if (files.empty() || files[request.main].path != manifest.main_file) {
    return invalid_input("the package has no file " + manifest.main_file + ", which its manifest names as the model");
  }
  std::shared_ptr<ports::LoadedModel> loaded = TRY(backend->load(request));
  manifest.signature = TRY(tensor::settle_declaration(std::move(manifest.signature), loaded->signature()));
  if (auto ran = run_once(*loaded, manifest); !ran) return std::move(ran).error().within("first execution");
  limit_waiting(manifest, version.verification->cost);
  const model::VersionNumber called = protocol_version(manifest, number);
  return ServedVersion::Loaded{{name, number, std::move(manifest), std::to_string(number),
                                std::string(backend->platform()), called, std::to_string(called)},
                               std::move(reserved),
                               std::move(loaded),
                               *version.verification};
}

}  // namespace slipway::serving

// Manifest: what a package says of itself (slipway.yaml), and the digest of a package's content.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/digest.h"
#include "domain/tensor/signature.h"

namespace slipway::model {

enum class Execution : std::uint8_t { Auto, Inline, Queue };

inline constexpr std::uint64_t kMostRows = 1'000'000;  // that a limit of rows can allow

struct Batching {
  bool enabled = true;           // false: rows of different requests are never merged
  std::uint64_t max_batch = 64;  // rows of one request and of one execution; 0: no limit
  Execution execution = Execution::Auto;
  bool operator==(const Batching&) const = default;
};

struct Limits {
  Bytes memory = mebibytes(1024);               // of the loaded model, enforced while it is verified
  Duration timeout = std::chrono::seconds(30);  // of one request, unless it asks for less
  bool operator==(const Limits&) const = default;
};

// One known answer: verification asks the model and compares.
struct GoldenExample {
  std::vector<tensor::Tensor> inputs;
  std::vector<tensor::Tensor> outputs;
  double tolerance = 1e-5;  // |found - expected| <= tolerance * (1 + |expected|); exact for integers and BYTES
  bool operator==(const GoldenExample&) const = default;
};

// Where a version comes from, as its package says. Part of the package's content, so of the version's digest.
struct Lineage {
  std::string training_data;                // digest
  std::map<std::string, std::string> data;  // name -> digest: sha256:...
  std::string code_commit;
  std::string run_id;
  std::string parent;  // the version it was trained on from, NAME:3; the number alone: of the same model
  std::string built_by;
  std::map<std::string, std::string> parameters;
  std::map<std::string, double> metrics;
  bool operator==(const Lineage&) const = default;
};

// A value; read from and written to YAML by adapter/package_reader (docs/formats/manifest.md).
struct Manifest {
  std::string name;       // may be empty: then the push must say it
  std::string format;     // the backend that serves it: "onnx", "echo"
  std::string main_file;  // path inside the package
  tensor::Signature signature;
  Batching batching;
  std::uint32_t instances = 0;  // execution threads when queued; 0: one per core
  Limits limits;
  std::uint32_t warmup_runs = 3;
  std::vector<GoldenExample> golden;
  std::map<std::string, std::string> labels;
  std::string model_card;
  Lineage lineage;
  bool operator==(const Manifest&) const = default;
};

// One file of a package. `path` is relative, '/'-separated, without "." and "..".
struct PackageFile {
  std::string path;
  std::uint64_t size = 0;
  Digest digest;
  bool operator==(const PackageFile&) const = default;
};

// SHA-256 over the lines "path NUL size NUL sha256-hex LF" of the files sorted by path (docs/formats/artifacts.md).
Digest package_digest(std::span<const PackageFile> files);

}  // namespace slipway::model

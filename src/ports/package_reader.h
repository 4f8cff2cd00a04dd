// PackageReader: opens what a user pushes (archive or single file) and reads manifests. Adapter: package_reader.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "domain/model/manifest.h"
#include "ports/artifact_store.h"

namespace slipway::ports {

struct PackageLimits {
  Bytes total = gibibytes(8);  // of all files, unpacked
  std::size_t files = 4096;
  std::uint64_t ratio = 200;  // unpacked : packed, above 16 MiB unpacked
};

// A package unpacked into the artifact store, with its manifest read and every file checked.
struct OpenedPackage {
  model::Manifest manifest;
  std::string manifest_text;  // slipway.yaml as stored (completed from the model where the package's had gaps)
  std::vector<model::PackageFile> files;  // all of them, slipway.yaml included, each already in the artifact store
  std::string suggested_name;  // the manifest's, else from the file's name; empty when that is no model's name
};

// A package on its way in, front to back. One thread; a failure is final.
class ArrivingPackage {
 public:
  virtual ~ArrivingPackage() = default;
  // Blocks for the next piece; 0: the end, and all of it came as it was sent.
  virtual Result<std::size_t> read(MutableByteSpan into) = 0;
  // Writes `seen`, which was read of it so far, and the rest to a file on local disk, which goes with this; its path.
  // For what cannot be read from front to back.
  virtual Result<std::string> spool(ByteSpan seen) = 0;
};

// Any thread; blocks. No trust in what it reads: InvalidInput names the file, line and column at fault.
class PackageReader {
 public:
  virtual ~PackageReader() = default;
  // `path`: an upload on local disk; a .tar.zst/.tar.gz/.tar/.zip archive or a bare .onnx, told apart by content.
  // `filename` as the user named it (for messages and suggested_name).
  virtual Result<OpenedPackage> open(const std::string& path, std::string_view filename, ArtifactShelf& store) = 0;
  // The same of a package that is still arriving; reads it to its end, unless it is refused.
  virtual Result<OpenedPackage> take(ArrivingPackage& package, std::string_view filename, ArtifactShelf& store) {
    const std::string path = TRY(package.spool({}));
    return open(path, filename, store);
  }
  // A package of files that `store` has already: a training run's, say. As open() but for the archive; what it adds (a
  // manifest) goes into `store`. Files that make no model of a format known here are kept all the same.
  virtual Result<OpenedPackage> adopt(std::vector<model::PackageFile> /*files*/, ArtifactShelf& /*store*/) {
    return unimplemented("this reader takes archives only");
  }
  virtual Result<model::Manifest> read_manifest(std::string_view yaml) = 0;
};

}  // namespace slipway::ports

#include "adapter/package_reader/package_reader.h"

#include <algorithm>

#include "adapter/package_reader/archive_reader.h"
#include "adapter/package_reader/bento.h"
#include "adapter/package_reader/declared_manifest.h"
#include "adapter/package_reader/entry_path.h"
#include "adapter/package_reader/kept_format.h"
#include "adapter/package_reader/manifest_writer.h"
#include "adapter/package_reader/mlmodel.h"
#include "adapter/package_reader/model_archive.h"
#include "adapter/package_reader/onnx_check.h"
#include "adapter/package_reader/upload_file.h"
#include "base/text.h"
#include "domain/model/model_card.h"
#include "domain/model/name.h"

namespace slipway::package_reader {
namespace {

using model::PackageFile;

constexpr Bytes kLargestManifest = mebibytes(1);
constexpr std::size_t kPiece = 256 << 10;
constexpr std::string_view kSingleModel = "model.onnx";  // what a bare ONNX file becomes in its package

const PackageFile* find(const std::vector<PackageFile>& files, std::string_view path) {
  const auto at = std::ranges::find(files, path, &PackageFile::path);
  return at == files.end() ? nullptr : &*at;
}

std::string paths_of(const std::vector<PackageFile>& files) {
  std::string text;
  for (std::size_t i = 0; i < files.size() && i < 8; ++i) text += (i == 0 ? "" : ", ") + printable(files[i].path, 60);
  return files.size() > 8 ? text + ", ..." : text;
}

Result<PackageFile> store_single(UploadBytes& upload, const ports::PackageLimits& limits, ports::ArtifactShelf& store) {
  auto writer = TRY(store.create());
  std::vector<std::byte> piece(kPiece);
  PackageFile stored{.path = std::string(kSingleModel), .size = 0, .digest = {}};
  while (const std::size_t got = TRY(upload.read(piece))) {
    stored.size += got;
    if (stored.size > limits.total.count) {
      return invalid_input("expected at most " + to_string(limits.total) + ", found more");
    }
    TRY(writer->write(ByteSpan(piece).first(got)));
  }
  stored.digest = TRY(writer->finish());
  return stored;
}

Result<PackageFile> store_text(std::string_view text, std::string_view path, ports::ArtifactShelf& store) {
  auto writer = TRY(store.create());
  TRY(writer->write(as_bytes(text)));
  const Digest digest = TRY(writer->finish());
  return PackageFile{.path = std::string(path), .size = text.size(), .digest = digest};
}

// The one ONNX file, when nobody said which file is the model.
Result<std::string> only_onnx_file(const std::vector<PackageFile>& files) {
  std::string found;
  for (const PackageFile& file : files) {
    if (!file.path.ends_with(".onnx")) continue;
    if (file.path == kSingleModel) return file.path;
    if (!found.empty()) {
      return invalid_input("expected one .onnx file or files.model in slipway.yaml, found \"" + printable(found) +
                           "\" and \"" + printable(file.path) + "\"");
    }
    found = file.path;
  }
  if (found.empty()) return invalid_input("expected an .onnx file or a slipway.yaml, found " + paths_of(files));
  return found;
}

// The model of the echo backend, when nobody said which file it is: the one .echo file, else the one file there is
// besides the manifest and the model card.
Result<std::string> only_model_file(const std::vector<PackageFile>& files) {
  std::vector<std::string> named, others;
  for (const PackageFile& file : files) {
    if (file.path == kManifestFile || file.path == model::kCardFile) continue;
    (file.path.ends_with(".echo") ? named : others).push_back(file.path);
  }
  const std::vector<std::string>& candidates = named.empty() ? others : named;
  if (candidates.size() == 1) return candidates.front();
  return invalid_input("expected files.model in slipway.yaml, one .echo file, or one file besides, found " +
                       paths_of(files));
}

// "wine.onnx" -> "wine"; empty when that is no name for a model.
std::string suggested_name(std::string_view filename) {
  const std::size_t slash = filename.find_last_of("/\\");
  if (slash != std::string_view::npos) filename.remove_prefix(slash + 1);
  for (const std::string_view ending :
       {".tar.gz", ".tar.zst", ".tgz", ".tzst", ".tar", ".zip", ".onnx", ".mar", ".bento"}) {
    if (!filename.ends_with(ending)) continue;
    filename.remove_suffix(ending.size());
    break;
  }
  return model::ModelName::parse(filename).ok() ? std::string(filename) : std::string();
}

class Reader final : public ports::PackageReader {
 public:
  explicit Reader(const ports::PackageLimits& limits) : limits_(limits) {}

  Result<ports::OpenedPackage> open(const std::string& path, std::string_view filename,
                                    ports::ArtifactShelf& store) override {
    return named(filename, read_file(path, filename, store));
  }

  Result<ports::OpenedPackage> take(ports::ArrivingPackage& package, std::string_view filename,
                                    ports::ArtifactShelf& store) override {
    return named(filename, read_arriving(package, filename, store));
  }

  Result<ports::OpenedPackage> adopt(std::vector<PackageFile> files, ports::ArtifactShelf& store) override {
    ports::OpenedPackage package;
    package.files = std::move(files);
    if (package.files.empty()) return invalid_input("expected at least one file, found none");
    std::uint64_t total = 0;
    for (const PackageFile& file : package.files) {
      TRY(check_entry_path(file.path));
      total = checked_add(total, file.size).value_or(UINT64_MAX);
    }
    if (total > limits_.total.count || package.files.size() > limits_.files) {
      return invalid_input("expected at most " + to_string(limits_.total) + " in " + std::to_string(limits_.files) +
                           " files, found " + std::to_string(total) + " bytes in " +
                           std::to_string(package.files.size()));
    }
    std::ranges::sort(package.files, {}, &PackageFile::path);
    TRY(read_content(package, false, store));
    package.suggested_name = package.manifest.name;
    return package;
  }

  Result<model::Manifest> read_manifest(std::string_view yaml) override {
    return complete(TRY(parse_manifest(yaml)), nullptr);
  }

 private:
  // An error with the name the user gave.
  static Result<ports::OpenedPackage> named(std::string_view filename, Result<ports::OpenedPackage> opened) {
    if (!opened.ok()) return std::move(opened).error().within(filename.empty() ? "the upload" : printable(filename));
    return opened;
  }

  Result<ports::OpenedPackage> read_file(const std::string& path, std::string_view filename,
                                         ports::ArtifactShelf& store) {
    UploadFile file = TRY(UploadFile::open(path));
    if (file.size() == 0) return nothing();
    const UploadKind kind = TRY(kind_of(file));
    if (kind != UploadKind::Zip) return read_stream(file, kind, filename, store);
    auto files = TRY(read_zip(file, limits_, store));
    return read_package(std::move(files), kind, filename, store);
  }

  // A zip says at its end what it holds.
  Result<ports::OpenedPackage> read_arriving(ports::ArrivingPackage& package, std::string_view filename,
                                             ports::ArtifactShelf& store) {
    ArrivingBytes bytes(package);
    const ByteSpan head = TRY(bytes.head());
    if (head.empty()) return nothing();
    const UploadKind kind = kind_of(head);
    if (kind != UploadKind::Zip) return read_stream(bytes, kind, filename, store);
    const std::string path = TRY(package.spool(head));
    return read_file(path, filename, store);
  }

  Result<ports::OpenedPackage> read_stream(UploadBytes& upload, UploadKind kind, std::string_view filename,
                                           ports::ArtifactShelf& store) {
    std::vector<PackageFile> files;
    if (kind == UploadKind::Single) {
      files.push_back(TRY(store_single(upload, limits_, store)));
    } else {
      files = TRY(read_tar(upload, kind, limits_, store));
    }
    return read_package(std::move(files), kind, filename, store);
  }

  Result<ports::OpenedPackage> read_package(std::vector<PackageFile> files, UploadKind kind, std::string_view filename,
                                            ports::ArtifactShelf& store) {
    ports::OpenedPackage package;
    package.files = std::move(files);
    if (package.files.empty()) return invalid_input("expected at least one file, found an empty archive");
    TRY(read_content(package, kind == UploadKind::Single, store));
    package.suggested_name =
        package.manifest.name.empty() ? package_reader::suggested_name(filename) : package.manifest.name;
    return package;
  }

  static Error nothing() { return invalid_input("expected an archive or an ONNX file, found an empty file"); }

  // The manifest, completed from the model and stored in place of one that has gaps.
  Result<void> read_content(ports::OpenedPackage& package, bool is_single, ports::ArtifactShelf& store) {
    std::string given;
    if (const PackageFile* file = find(package.files, kManifestFile)) {
      if (file->size > kLargestManifest.count)
        return invalid_input("slipway.yaml: expected at most 1MiB, found " + std::to_string(file->size) + " bytes");
      const auto bytes = TRY(store.read(file->digest, kLargestManifest));
      given = as_text(bytes);
    }
    DeclaredManifest declared = TRY(parse_manifest(given));
    model::Manifest& manifest = declared.manifest;
    if (given.empty()) TRY(take_description(package.files, manifest, store));
    if (manifest.format == "echo" || is_kept_format(manifest.format)) {
      if (manifest.format == "echo" && manifest.main_file.empty())
        manifest.main_file = TRY(only_model_file(package.files));
      if (!manifest.main_file.empty()) TRY(main_file(package.files, manifest.main_file));
      package.manifest = TRY(complete(std::move(declared), nullptr));
    } else {
      manifest.format = "onnx";
      if (manifest.main_file.empty()) manifest.main_file = TRY(only_onnx_file(package.files));
      const PackageFile* main = TRY(main_file(package.files, manifest.main_file));
      auto checked = check_model(*main, package.files, store);
      if (!checked.ok() && is_single) {
        return std::move(checked).error().within(
            "it is no archive (.tar.gz, .tar.zst, .zip, .tar), and as an ONNX file");
      }
      const OnnxModel model = TRY(std::move(checked));
      package.manifest = TRY(complete(std::move(declared), &model));
    }
    TRY(check_card(package.files, store));
    return keep_manifest(package, std::move(given), store);
  }

  // People and gates read it later: it must be text, and not endless.
  Result<void> check_card(const std::vector<PackageFile>& files, ports::ArtifactShelf& store) {
    const PackageFile* file = find(files, model::kCardFile);
    if (!file) return {};
    const std::string name(model::kCardFile);
    if (file->size > model::kLargestCard.count) {
      return invalid_input(name + ": expected at most 1MiB, found " + std::to_string(file->size) + " bytes");
    }
    const auto bytes = TRY(store.read(file->digest, model::kLargestCard));
    const std::string_view text = as_text(bytes);
    if (is_valid_utf8(text) && text.find('\0') == std::string_view::npos) return {};
    return invalid_input(name + ": expected Markdown in UTF-8, found other bytes");
  }

  // What a folder of MLflow, a bento or an archive of TorchServe says of itself, where there is one of them.
  static Result<void> take_description(const std::vector<PackageFile>& files, model::Manifest& manifest,
                                       ports::ArtifactShelf& store) {
    for (const std::string_view name : {kMlmodelFile, kArchiveManifestFile, kBentoFile}) {
      const PackageFile* file = find(files, name);
      if (!file) continue;
      if (file->size > kLargestManifest.count) {
        return invalid_input(std::string(name) + ": expected at most 1MiB, found " + std::to_string(file->size) +
                             " bytes");
      }
      const auto bytes = TRY(store.read(file->digest, kLargestManifest));
      if (name == kMlmodelFile) return import_mlmodel(as_text(bytes), files, manifest);
      if (name == kArchiveManifestFile) return import_model_archive(as_text(bytes), files, manifest);
      return import_bento(as_text(bytes), manifest);
    }
    return {};
  }

  Result<const PackageFile*> main_file(const std::vector<PackageFile>& files, const std::string& path) {
    const PackageFile* file = find(files, path);
    if (file) return file;
    return invalid_input("slipway.yaml: files.model: \"" + printable(path) + "\" is not in the package; it has " +
                         paths_of(files));
  }

  Result<OnnxModel> check_model(const PackageFile& file, const std::vector<PackageFile>& files,
                                ports::ArtifactShelf& store) {
    const OnnxLimits limits;
    if (file.size > limits.size.count) {
      return invalid_input(printable(file.path) + ": expected an ONNX file below 2GiB, found " +
                           std::to_string(file.size) + " bytes; keep the weights as external data");
    }
    const auto bytes = TRY(store.read(file.digest, limits.size));
    return check_onnx(bytes, file.path, files, limits);
  }

  bool reads_back(const std::string& yaml, const model::Manifest& manifest) {
    if (yaml.empty()) return false;
    const auto read = read_manifest(yaml);
    return read.ok() && *read == manifest;
  }

  // What is stored reads back to the manifest by itself: the given text if it does, else the canonical one.
  Result<void> keep_manifest(ports::OpenedPackage& package, std::string given, ports::ArtifactShelf& store) {
    if (reads_back(given, package.manifest)) {
      package.manifest_text = std::move(given);
      return {};
    }
    package.manifest_text = write_manifest(package.manifest);
    const auto again = read_manifest(package.manifest_text);
    if (!again.ok()) return Error(again.error()).within("the manifest completed from the model");
    std::erase_if(package.files, [](const PackageFile& file) { return file.path == kManifestFile; });
    package.files.push_back(TRY(store_text(package.manifest_text, kManifestFile, store)));
    std::ranges::sort(package.files, {}, &PackageFile::path);
    return {};
  }

  const ports::PackageLimits limits_;
};

}  // namespace

std::unique_ptr<ports::PackageReader> make_package_reader(const ports::PackageLimits& limits) {
  return std::make_unique<Reader>(limits);
}

}  // namespace slipway::package_reader

// Candidate: a package's manifest and files, before anybody trusts them.
#pragma once

#include <vector>

#include "domain/model/manifest.h"
#include "ports/backend.h"

namespace slipway::validation {

// A value; the bytes are borrowed or owned by each file's owner.
struct Candidate {
  model::Manifest manifest;
  std::vector<ports::ModelFile> files;

  ports::LoadRequest load_request() const;  // borrows the files
};

}  // namespace slipway::validation

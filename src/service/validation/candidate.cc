#include "service/validation/candidate.h"

namespace slipway::validation {

ports::LoadRequest Candidate::load_request() const {
  ports::LoadRequest request{.files = files, .declared = &manifest.signature};
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].path == manifest.main_file) request.main = i;
  }
  return request;
}

}  // namespace slipway::validation

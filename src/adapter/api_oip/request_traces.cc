#include "adapter/api_oip/request_traces.h"

namespace slipway::api_oip {
namespace {

bool is_prediction(std::string_view path) {
  return path.ends_with("/infer") || path.starts_with("/predict/") || path.ends_with("/ModelInfer") ||
         path.ends_with("/ModelStreamInfer");
}

}  // namespace

RequestTraces::Settings RequestTraces::settings() const {
  return {is_on_, rate_, left_};
}

void RequestTraces::set(const Settings& settings) {
  is_on_ = false;
  rate_ = settings.rate;
  left_ = settings.count;
  seen_ = 0;
  is_on_ = settings.is_on;
}

bool RequestTraces::take_next(std::string_view path) {
  if (!is_prediction(path) || seen_.fetch_add(1) % rate_ != 0) return false;
  std::int64_t left = left_;
  while (left > 0 && !left_.compare_exchange_weak(left, left - 1)) {
  }
  return left != 0;
}

}  // namespace slipway::api_oip

// FeedbackMessage: what is read of Seldon's Feedback message.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace slipway::api_seldon {

// A value; any thread.
struct FeedbackMessage {
  std::string puid;  // meta.puid of the prediction's answer, or of its request
  std::optional<double> reward;
  std::optional<double> truth;
};

// JSON as protobuf writes it: a reward of 0 may be left out, so that a message without reward and truth has one of 0.
// Of request and response only meta.puid is read; truth is one number in data.ndarray, data.tensor.values or jsonData.
// InvalidInput names the key, what was expected and what was found.
Result<FeedbackMessage> read_feedback(std::string_view text);

}  // namespace slipway::api_seldon

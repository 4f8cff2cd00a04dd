// The feedback call of Seldon Core 1, in Seldon's form of question, answer and error. docs/guide/clients.md has its
// use.
#pragma once

#include <vector>

#include "adapter/net/route.h"
#include "service/feedback/feedback.h"

namespace slipway::api_seldon {

// Blocking routes; each handler may run on many worker threads at once. `feedback` must outlive them; null: no
// predictions are recorded, and they say so.
std::vector<net::Route> seldon_routes(feedback::Feedback* feedback);

}  // namespace slipway::api_seldon

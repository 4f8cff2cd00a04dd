// What calls reach of a caller whose token is limited to some models. Of the registry, the models that its patterns
// cover. Experiments, runs and logged models are of no model: of these, the experiments whose name its patterns cover,
// the default one to put runs into, and the runs and logged models that it made itself.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "adapter/net/route.h"
#include "base/result.h"
#include "domain/model/name.h"
#include "domain/training/entry.h"

namespace slipway::api_mlflow {

struct Desk;

enum class Use : std::uint8_t {
  Look,     // at it, or at what belongs to it
  PutInto,  // something new
  Change,
};

// One request's; on the handler's stack. Denied: in the same words whether there is such a thing or not; it is noted
// for the history. Who is not limited reaches everything, and nothing is read for that.
class Reach {
 public:
  Reach(Desk& desk, const net::BlockingRequest& request) : desk_(desk), request_(request) {}

  bool is_limited() const;
  Result<void> expect(const model::ModelName& name) const;
  Result<void> expect_name(std::string_view experiment) const;  // that one has, or is to have
  Result<void> expect(const training::EntryKey& key, Use use) const;
  bool covers(const training::Entry& entry, Use use) const;
  // Of searches; none: all.
  std::function<bool(const training::Entry&)> filter() const;

 private:
  Error refused(std::string_view model) const;
  Error out_of_reach() const;

  Desk& desk_;
  const net::BlockingRequest& request_;
};

}  // namespace slipway::api_mlflow

#include "adapter/yaml/unknown_key.h"

#include "base/nearest_word.h"
#include "base/text.h"

namespace slipway::yaml {

std::string unknown_key(std::string_view key, std::span<const std::string_view> known) {
  std::string message = "unknown key \"" + printable(key) + "\"";
  const std::string_view nearest = nearest_word(key, known);
  if (!nearest.empty()) return message + "; did you mean \"" + std::string(nearest) + "\"?";
  message += "; known: ";
  for (std::size_t i = 0; i < known.size(); ++i) message += (i == 0 ? "" : ", ") + std::string(known[i]);
  return message;
}

}  // namespace slipway::yaml

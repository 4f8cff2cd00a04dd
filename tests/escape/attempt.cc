#include "escape/attempt.h"

#include <cstdio>
#include <cstdlib>

namespace slipway::escape {
namespace {

const Attempt* find(std::string_view name) {
  for (const auto& group : {on_files(), on_the_network(), on_processes(), on_the_kernel()}) {
    for (const Attempt& attempt : group) {
      if (attempt.name == name) return &attempt;
    }
  }
  return nullptr;
}

bool read_line(std::string_view key, const std::string& value, std::string& name, Outside& outside) {
  const int number = std::atoi(value.c_str());
  if (key == "attempt")
    name = value;
  else if (key == "folder")
    outside.folder = value;
  else if (key == "unix_socket")
    outside.unix_socket = value;
  else if (key == "abstract_name")
    outside.abstract_name = value;
  else if (key == "port")
    outside.port = number;
  else if (key == "process")
    outside.process = number;
  else if (key == "thread")
    outside.thread = number;
  else if (key == "sibling_file")
    outside.sibling_file = number;
  else
    return false;
  return true;
}

}  // namespace

std::string try_to_escape(std::string_view description) {
  std::string name;
  Outside outside;
  while (!description.empty()) {
    const std::string_view line = description.substr(0, description.find('\n'));
    description.remove_prefix(std::min(line.size() + 1, description.size()));
    const std::string_view key = line.substr(0, line.find(' '));
    const std::string value(line.substr(std::min(key.size() + 1, line.size())));
    if (!read_line(key, value, name, outside)) return "expected a key, found \"" + std::string(key) + "\"";
  }
  const Attempt* known = find(name);
  if (known == nullptr) return "expected the name of an attempt, found \"" + name + "\"";
  return name + (known->attempt(outside) ? ": got through" : ": refused");
}

}  // namespace slipway::escape

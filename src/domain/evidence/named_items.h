// What a plan has by name: each item is checked, and no name stands twice.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace slipway::evidence {

// InvalidInput names the item. `what`: "metric".
template <class Item, class Check>
Result<void> check_named(std::string_view what, const std::vector<Item>& items, Check&& check_item) {
  std::set<std::string_view> names;
  for (const Item& item : items) {
    const auto checked = check_item(item);
    if (!checked.ok()) return Error(checked.error()).within(std::string(what) + " \"" + item.name + "\"");
    if (!names.insert(item.name).second) {
      return invalid_input(std::string(what) + "s: expected each name once, found \"" + item.name + "\" twice");
    }
  }
  return {};
}

}  // namespace slipway::evidence

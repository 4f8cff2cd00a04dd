#include "adapter/net/route.h"

#include <array>
#include <cstdint>
#include <optional>

#include "adapter/net/target.h"

namespace slipway::net {
namespace {

constexpr std::array<std::string_view, 8> kMethodNames = {"GET",    "HEAD",  "POST",    "PUT",
                                                          "DELETE", "PATCH", "OPTIONS", "(other)"};
constexpr std::size_t kMethods = kMethodNames.size();
constexpr std::int32_t kNone = -1;

std::string_view next_segment(std::string_view& rest, bool& is_last) {
  const std::size_t slash = rest.find('/');
  const std::string_view segment = rest.substr(0, slash);
  is_last = slash == std::string_view::npos;
  rest = is_last ? std::string_view{} : rest.substr(slash + 1);
  return segment;
}

bool is_rest(std::string_view segment) {
  return segment.size() > 5 && segment.front() == '{' && segment.ends_with("...}") &&
         segment.substr(1, segment.size() - 5).find_first_of("{}.") == std::string_view::npos;
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}' &&
         segment.substr(1, segment.size() - 2).find_first_of("{}.") == std::string_view::npos;
}

}  // namespace

std::string_view name_of(Method method) {
  return kMethodNames[static_cast<std::size_t>(method)];
}

// One segment of the trie; index of the route that ends here, by method.
struct RouteTable::Node {
  std::vector<std::pair<std::string, std::unique_ptr<Node>>> literals;
  std::unique_ptr<Node> parameter, rest_of_path;
  std::array<std::int32_t, kMethods> routes;
  Node() { routes.fill(kNone); }

  Node& child(std::string_view segment) {
    if (is_rest(segment)) {
      if (!rest_of_path) rest_of_path = std::make_unique<Node>();
      return *rest_of_path;
    }
    if (is_parameter(segment)) {
      if (!parameter) parameter = std::make_unique<Node>();
      return *parameter;
    }
    for (auto& [text, node] : literals) {
      if (text == segment) return *node;
    }
    return *literals.emplace_back(segment, std::make_unique<Node>()).second;
  }

  std::int32_t route_of(Method method) const {
    const std::int32_t exact = routes[static_cast<std::size_t>(method)];
    return exact == kNone && method == Method::Head ? routes[static_cast<std::size_t>(Method::Get)] : exact;
  }

  // Depth first, literals before the parameter, that before the rest of the path. Methods of paths that match otherwise
  // are gathered in `others`.
  std::int32_t find(Method method, std::string_view rest, std::vector<std::string_view>& parameters,
                    unsigned& others) const {
    bool is_last = false;
    const std::string_view whole = rest;
    const std::string_view segment = next_segment(rest, is_last);
    std::string decoded;
    const bool has_escapes = segment.find('%') != std::string_view::npos;
    if (has_escapes) decoded = percent_decoded(segment);
    const std::string_view text = has_escapes ? std::string_view(decoded) : segment;
    for (const auto& [literal, node] : literals) {
      if (literal != text) continue;
      if (const std::int32_t found = node->end_or_find(method, rest, is_last, parameters, others); found != kNone) {
        return found;
      }
    }
    if (segment.empty()) return kNone;
    if (parameter) {
      parameters.push_back(segment);
      const std::int32_t found = parameter->end_or_find(method, rest, is_last, parameters, others);
      if (found != kNone) return found;
      parameters.pop_back();
    }
    if (!rest_of_path) return kNone;
    parameters.push_back(whole);
    const std::int32_t found = rest_of_path->end_or_find(method, {}, true, parameters, others);
    if (found == kNone) parameters.pop_back();
    return found;
  }

  std::int32_t end_or_find(Method method, std::string_view rest, bool is_last,
                           std::vector<std::string_view>& parameters, unsigned& others) const {
    if (!is_last) return find(method, rest, parameters, others);
    for (std::size_t i = 0; i < kMethods; ++i) others |= routes[i] != kNone ? 1U << i : 0U;
    return route_of(method);
  }
};

RouteTable::RouteTable(std::vector<Route> routes)
    : routes_(std::make_shared<const std::vector<Route>>(std::move(routes))) {}

Result<RouteTable> RouteTable::build(std::vector<Route> routes) {
  RouteTable table(std::move(routes));
  auto root = std::make_shared<Node>();
  for (std::size_t i = 0; i < table.routes().size(); ++i) {
    const Route& route = table.routes()[i];
    const std::string shown = std::string(name_of(route.method)) + " " + route.pattern;
    if (!route.pattern.starts_with('/')) return invalid_input("route " + shown + ": a pattern begins with '/'");
    if (route.method == Method::Other) return invalid_input("route " + shown + ": a route names its method");
    Node* node = root.get();
    std::string_view rest = std::string_view(route.pattern).substr(1);
    for (bool is_last = false; !is_last;) {
      const std::string_view segment = next_segment(rest, is_last);
      if (is_rest(segment) && !is_last) {
        return invalid_input("route " + shown + ": {name...} takes all that follows, so it stands last");
      }
      if (!is_parameter(segment) && !is_rest(segment) && segment.find_first_of("{}%?#") != std::string_view::npos) {
        return invalid_input("route " + shown + ": the segment '" + std::string(segment) +
                             "' is neither plain text nor one {name}");
      }
      node = &node->child(segment);
    }
    std::int32_t& slot = node->routes[static_cast<std::size_t>(route.method)];
    if (slot != kNone) {
      return invalid_input("route " + shown + " matches the same requests as " +
                           table.routes()[static_cast<std::size_t>(slot)].pattern);
    }
    slot = static_cast<std::int32_t>(i);
  }
  table.root_ = std::move(root);
  return table;
}

RouteTable::Match RouteTable::find(Method method, std::string_view path) const {
  Match match;
  find(method, path, match);
  return match;
}

void RouteTable::find(Method method, std::string_view path, Match& into) const {
  into.route = nullptr;
  into.parameters.clear();
  into.allowed.clear();
  if (!path.starts_with('/')) return;
  unsigned others = 0;
  const std::int32_t found = root_->find(method, path.substr(1), into.parameters, others);
  if (found != kNone) {
    into.route = &(*routes_)[static_cast<std::size_t>(found)];
    return;
  }
  if ((others & (1U << static_cast<unsigned>(Method::Get))) != 0) others |= 1U << static_cast<unsigned>(Method::Head);
  for (std::size_t i = 0; i < kMethods; ++i) {
    if ((others & (1U << i)) == 0) continue;
    if (!into.allowed.empty()) into.allowed += ", ";
    into.allowed += kMethodNames[i];
  }
}

}  // namespace slipway::net

// Where webhooks may go: URLs that are no trap, and addresses that are nobody's inside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

struct sockaddr;

namespace slipway::webhook {

// Private: also addresses that only machines inside reach, such as loopback and 10.0.0.0/8.
enum class Reach : std::uint8_t { Public, Private };

inline constexpr std::size_t kLongestUrl = 2'048;

// An absolute http or https URL without a name or password, checked. InvalidInput says what is wrong, without what may
// be a secret of it.
Result<std::string> check_url(std::string_view url);
// The URL as far as a log may have it: its scheme and host.
std::string shown_url(std::string_view url);

// Whether anybody reaches this address: not loopback, private, link-local, shared, reserved or multicast, and not an
// IPv6 address that stands for such an IPv4 one.
bool is_public(const sockaddr& address);

}  // namespace slipway::webhook

#include "adapter/net/address_limit.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "adapter/net/socket.h"

namespace slipway::net {
namespace {

constexpr std::uint64_t kIsIpv4 = 0xFFFF'0000'0000;  // the prefixes 0:ffff:*, which no subscriber has

AddressKey ipv4_key(std::uint32_t in_network_order) {
  return AddressKey{kIsIpv4 | ntohl(in_network_order)};
}

}  // namespace

AddressKey key_of(const sockaddr& address) {
  if (is_loopback(address)) return AddressKey::Nobody;
  if (address.sa_family == AF_INET) return ipv4_key(reinterpret_cast<const sockaddr_in&>(address).sin_addr.s_addr);
  if (address.sa_family != AF_INET6) return AddressKey::Nobody;
  const in6_addr& ip = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&ip)) return ipv4_key(ip.s6_addr32[3]);
  return AddressKey{std::uint64_t{ntohl(ip.s6_addr32[0])} << 32 | ntohl(ip.s6_addr32[1])};
}

bool AddressLimit::enter(AddressKey key) {
  if (most_ == 0 || key == AddressKey::Nobody) return true;
  auto held = held_.lock();
  std::size_t& count = (*held)[key];
  if (count >= most_) return false;
  ++count;
  return true;
}

void AddressLimit::leave(AddressKey key) {
  if (most_ == 0 || key == AddressKey::Nobody) return;
  auto held = held_.lock();
  const auto at = held->find(key);
  if (at != held->end() && --at->second == 0) held->erase(at);
}

}  // namespace slipway::net

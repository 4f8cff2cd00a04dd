// Our head parser against Boost.Beast's: whatever ours accepts, Beast must accept and read in the same way. (Ours
// refuses more, so the converse is not asked for.)
#include <boost/beast/http.hpp>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/net/characters.h"
#include "adapter/net/http1_head.h"
#include "base/invariant.h"

namespace {

namespace http = boost::beast::http;
using slipway::invariant;
using slipway::net::HeadParser;
using slipway::net::KnownField;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

// Beast refuses these, and RFC 9112 does not: the waiver list.
bool is_waived(const std::string& input) {
  return input.starts_with("\r\n");  // one empty line before the request line
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size > (16U << 10)) return 0;
  std::string input(reinterpret_cast<const char*>(bytes), size);
  const std::string original = input;
  HeadParser ours({});
  ours.reset();
  if (ours.feed(input.data(), input.size()) != HeadParser::Outcome::Done || is_waived(input)) return 0;
  const slipway::net::RequestHead& head = ours.head();

  http::request_parser<http::empty_body> beast;
  beast.header_limit(1 << 20);
  beast.body_limit(boost::none);
  boost::beast::error_code code;
  beast.put(boost::asio::buffer(original.data(), ours.head_size()), code);
  if (code == http::error::need_more) code = {};
  invariant(!code, "Beast refuses a head that ours accepts: " + code.message());
  invariant(beast.is_header_done(), "Beast does not see the end of the head");
  const auto& message = beast.get();

  invariant(view(message.target())
                .ends_with(std::string(head.path.in(input.data())) +
                           (head.query.at != 0 ? "?" + std::string(head.query.in(input.data())) : "")),
            "the targets differ");
  // Beast moves fields of one name together; within a name the order is the sender's.
  std::map<std::string, std::vector<std::string>> mine, theirs;
  for (std::uint32_t i = 0; i < head.field_count; ++i) {
    mine[std::string(head.fields[i].name.in(input.data()))].emplace_back(head.fields[i].value.in(input.data()));
  }
  for (const auto& field : message) {
    std::string name(view(field.name_string()));
    for (char& c : name) c = slipway::net::kTokenLower[static_cast<std::uint8_t>(c)];
    theirs[name].emplace_back(view(field.value()));
  }
  invariant(mine == theirs, "the header fields differ");
  invariant(beast.chunked() == head.is_chunked, "one sees a chunked body, the other does not");
  const auto length = beast.content_length();
  invariant(length.has_value() == head.content_length.has_value() && (!length || *length == *head.content_length),
            "the lengths of the body differ");
  // With both 'keep-alive' and 'close' in HTTP/1.0 Beast keeps the connection and ours closes it.
  const bool closes_where_beast_keeps = head.is_http_1_0 && !head.keeps_alive;
  invariant(beast.keep_alive() == head.keeps_alive || closes_where_beast_keeps,
            "one keeps the connection, the other does not");
  return 0;
}

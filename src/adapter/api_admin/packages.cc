// POST /api/v1/packages: a package comes in, a version comes out.
#include "adapter/api_admin/answer.h"
#include "adapter/api_admin/heavy_slot.h"
#include "adapter/api_admin/upload.h"
#include "adapter/api_admin/views.h"
#include "base/text.h"

namespace slipway::api_admin {
namespace {

using net::Reply;

constexpr std::size_t kLongestFilename = 255;

Result<registry::PushRequest> read_request(const net::BlockingRequest& request) {
  registry::PushRequest push;
  push.filename = request.query("filename");
  if (push.filename.size() > kLongestFilename || !is_valid_utf8(push.filename) ||
      has_control_characters(push.filename)) {
    return invalid_input("?filename=: expected at most 255 bytes of UTF-8 without control characters, found \"" +
                         printable(push.filename) + "\"");
  }
  push.model = request.query("name");
  if (!push.model.empty()) TRY(model::ModelName::parse(push.model));
  return push;
}

// The header X-Content-SHA256, when sent: what the client says it sends.
Result<std::optional<Digest>> promised_digest(const net::BlockingRequest& request) {
  const std::string_view text = request.header("x-content-sha256");
  if (text.empty()) return std::optional<Digest>();
  auto digest = parse_digest(printable(text));
  if (!digest.ok()) return std::move(digest).error().within("header X-Content-SHA256");
  return std::optional(*digest);
}

// Not for want of room or of a store.
bool is_refusal(const Error& error) {
  return error.code != ErrorCode::Overloaded && error.code != ErrorCode::Unavailable;
}

Result<Reply> push(Desk& desk, net::BlockingRequest& request) {
  auto push = TRY(read_request(request));
  const auto promised = TRY(promised_digest(request));
  const auto author = TRY(author_of(request));
  const HeavySlot slot(desk);
  if (!slot.taken()) return busy();

  Upload upload(request, desk.parts.uploads, promised);
  push.arriving = &upload;
  const auto tried = desk.parts.registry.push(push, author);
  // A peer that was refused hears why once it has sent everything; and what was damaged on its way, that.
  if (!tried && is_refusal(tried.error())) TRY(upload.drain());
  const auto pushed = TRY(tried);

  JsonWriter json;
  json.open('{').field("created", pushed.created).key("version");
  write_version(json, pushed.version);
  json.close('}');
  return json_reply(json.take(), pushed.created ? 201 : 200);
}

}  // namespace

void add_package_routes(std::vector<net::Route>& routes, const DeskPointer& desk) {
  routes.push_back(
      for_limited_callers(route(desk, net::Method::Post, "/api/v1/packages", access::Permission::WriteRegistry, push,
                                desk->parts.upload_limit, net::Work::Long)));
}

}  // namespace slipway::api_admin

#include "adapter/api_admin/once.h"

#include <algorithm>
#include <cstring>

#include "adapter/api_admin/json_writer.h"
#include "adapter/net/error_reply.h"
#include "base/text.h"

namespace slipway::api_admin {
namespace {

using net::BlockingRequest;
using net::Reply;
using ports::IdempotencyRecord;

constexpr std::size_t kLongestKey = 255;
constexpr std::size_t kLargestKept = 64 << 10;  // of an answer
constexpr int kOtherRequest = 422;
constexpr std::string_view kNotStored = "no-store";
// All that the routes of this room read of a query or a head, besides the body.
constexpr std::array<std::string_view, 5> kQueries = {"environment", "filename", "model", "name", "reason"};
constexpr std::array<std::string_view, 3> kHeaders = {"content-length", "content-type", "x-content-sha256"};

Result<std::string_view> key_of(const BlockingRequest& request) {
  const std::string_view key = request.header("idempotency-key");
  const bool is_plain = std::ranges::all_of(key, [](char c) { return c >= ' ' && c < 0x7F; });
  if (!key.empty() && key.size() <= kLongestKey && is_plain) return key;
  return invalid_input("header Idempotency-Key: expected 1 to 255 characters of ASCII, such as a UUID, found \"" +
                       printable(key) + "\"");
}

// Each part with its length before it, so that no two lists of parts look the same.
void add(Sha256& hash, std::string_view part) {
  const std::uint64_t size = part.size();
  hash.update(std::as_bytes(std::span(&size, 1)));
  hash.update(as_bytes(part));
}

IdempotencyRecord mark_of(const Desk& desk, const BlockingRequest& request, std::string_view key,
                          std::string_view body) {
  Sha256 who, what;
  add(who, request.principal().name);
  add(who, key);
  add(what, net::name_of(request.method()));
  add(what, request.path());
  for (const std::string_view name : kQueries) add(what, request.query(name));
  for (const std::string_view name : kHeaders) add(what, request.header(name));
  add(what, body);
  return {.key = who.finish(), .request = what.finish(), .at = desk.parts.clock.wall_now()};
}

Reply with(Reply reply, const char* name, const char* value) {
  reply.headers.emplace_back(name, value);
  return reply;
}

// What is said to a request that was applied before.
Reply again(const IdempotencyRecord& asked, const IdempotencyRecord& applied) {
  if (asked.request != applied.request) {
    return net::error_reply(conflict("header Idempotency-Key: another request was applied under this key at " +
                                     to_rfc3339(applied.at) + ": expected the same method, path and body"),
                            kOtherRequest);
  }
  if (applied.status) {
    Reply kept{*applied.status, applied.body.empty() ? "" : "application/json", applied.body, {}, {}};
    return with(std::move(kept), "Idempotent-Replayed", "true");
  }
  return with(net::error_reply(conflict("this request was applied at " + to_rfc3339(applied.at) +
                                        ", and its answer was not kept (it held a secret, was large, or the server "
                                        "ended before it was given): look at what it changed")),
              "Idempotent-Replayed", "true");
}

// Of one request that is being answered. Nobody else answers it meanwhile.
class Turn {
 public:
  Turn(Desk& desk, const Digest& key) : desk_(desk), key_(key), taken_(desk.answering.lock()->insert(key).second) {}
  ~Turn() {
    if (taken_) desk_.answering.lock()->erase(key_);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool taken() const { return taken_; }

 private:
  Desk& desk_;
  const Digest key_;
  const bool taken_;
};

bool may_be_kept(const Reply& reply) {
  const auto forbids = [](const auto& header) { return header.second == kNotStored; };
  return reply.body.size() <= kLargestKept && !std::ranges::any_of(reply.headers, forbids);
}

void keep(Desk& desk, IdempotencyRecord mark, const Reply& reply) {
  if (may_be_kept(reply)) {
    mark.status = static_cast<std::uint16_t>(reply.status);
    mark.body = reply.body;
  }
  // The change was made: the answer is given whether it could be kept or not.
  if (const auto kept = desk.parts.registry.keep_answer(mark); !kept.ok()) {
    desk.parts.log.warning("the answer to a request with an Idempotency-Key was not kept",
                           {{"error", kept.error().message}});
  }
}

}  // namespace

Result<std::size_t> OnceRequest::read_body(MutableByteSpan into) {
  if (!body_) return inner_.read_body(into);
  const std::size_t size = std::min(into.size(), body_->size() - read_);
  std::memcpy(into.data(), body_->data() + read_, size);
  read_ += size;
  return size;
}

Result<std::string> OnceRequest::read_all(Bytes limit) {
  if (!body_) return inner_.read_all(limit);
  if (body_->size() - read_ > limit.count) {
    return invalid_input("the body: expected at most " + to_string(limit) + ", found " + std::to_string(body_->size()) +
                         " bytes");
  }
  return body_->substr(std::exchange(read_, body_->size()));
}

Reply answer_once(Desk& desk, BlockingRequest& request, Answer answer, Bytes body_limit, net::Work work) {
  const auto plain = [&](BlockingRequest& asked) {
    auto reply = answer(desk, asked);
    return reply.ok() ? std::move(reply).value() : failure(reply.error());
  };
  if (request.method() == net::Method::Get || request.header("idempotency-key").empty()) return plain(request);
  const auto key = key_of(request);
  if (!key.ok()) return failure(key.error());
  std::optional<std::string> body;
  const bool is_streamed = work == net::Work::Long && body_limit > net::kDefaultBodyLimit;
  if (!is_streamed) {
    auto read = request.read_all(body_limit);
    if (!read.ok()) return failure(read.error());
    body = std::move(read).value();
  }
  const IdempotencyRecord mark = mark_of(desk, request, *key, body ? std::string_view(*body) : std::string_view());
  const Turn turn(desk, mark.key);
  if (!turn.taken()) {
    return with(net::error_reply(conflict("a request with this Idempotency-Key is being answered: ask again for it")),
                "Retry-After", "1");
  }
  const auto applied = desk.parts.registry.applied(mark.key);
  if (!applied.ok()) return failure(applied.error());
  if (*applied) return again(mark, **applied);
  OnceRequest once(request, std::move(body), mark);
  Reply reply = plain(once);
  if (reply.status >= 200 && reply.status < 300) {
    keep(desk, mark, reply);
    return reply;
  }
  if (reply.status != 409) return reply;
  // Another server of the same store may have been asked too, and was first.
  const auto since = desk.parts.registry.applied(mark.key);
  return since.ok() && *since ? again(mark, **since) : reply;
}

}  // namespace slipway::api_admin

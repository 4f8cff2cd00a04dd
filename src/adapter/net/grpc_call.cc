#include "adapter/net/grpc_call.h"

#include "adapter/net/characters.h"
#include "adapter/net/error_reply.h"
#include "adapter/net/grpc_web.h"
#include "base/invariant.h"
#include "base/text.h"

namespace slipway::net {
namespace {

constexpr std::size_t kMostEncodedInline = 16 << 10;  // longer ones would hold up the loop
constexpr std::size_t kKept = 64 << 10;               // a call that carried something enormous does not keep it

bool accepts(std::string_view list, Coding coding) {
  while (!list.empty()) {
    if (equals_ignoring_case(next_of_list(list), name_of(coding))) return true;
  }
  return false;
}

// Of an Exchange or a BlockingRequest.
template <class Request>
Result<GrpcHead> head_of(const Request& request, bool has_trailers) {
  GrpcHead head;
  const auto form = parse_grpc_form(request.header("content-type"));
  if (!form) {
    return invalid_input("expected the Content-Type application/grpc or application/grpc-web, found \"" +
                         printable(request.header("content-type"), 80) + "\"");
  }
  head.form = *form;
  if (head.form == GrpcForm::Trailers && !has_trailers) {
    return invalid_input("expected gRPC over HTTP/2, or gRPC-Web (application/grpc-web), found gRPC over HTTP/1.1");
  }
  if (const std::string_view timeout = request.header("grpc-timeout"); !timeout.empty()) {
    head.timeout = TRY(parse_grpc_timeout(timeout));
  }
  const std::string_view encoding = request.header("grpc-encoding");
  const auto coding = parse_content_coding(encoding);
  if (!coding) {
    return unimplemented("expected grpc-encoding gzip, deflate or identity, found \"" + printable(encoding, 40) + "\"");
  }
  head.coding = *coding;
  if (head.coding != Coding::Identity && accepts(request.header("grpc-accept-encoding"), head.coding)) {
    head.answer_coding = head.coding;
  }
  return head;
}

// The one message in `body`. `text`: where base64 is decoded to.
Result<ByteSpan> only_message(const GrpcHead& head, ByteSpan body, GrpcFrames& frames, std::string& text) {
  if (head.form == GrpcForm::WebText) {
    text.clear();
    TRY(append_base64_decoded(text, as_text(body)));
    body = as_bytes(text);
  }
  const auto message = TRY(frames.next(body));
  TRY(frames.finish());
  if (!message) return invalid_input("expected one message, found none");
  if (!body.empty()) {
    return invalid_input("expected one message, found " + std::to_string(body.size()) + " bytes behind it");
  }
  return *message;
}

// An answer of a blocking route. `form` none: the question was no call.
Reply reply_of(std::optional<GrpcForm> form, const Result<std::string>& message) {
  if (!form) return error_reply(message.error(), 415);
  Reply reply{.content_type = std::string(content_type_of(*form))};
  const GrpcCode code = message ? GrpcCode::Ok : grpc_code(message.error().code);
  const std::string text = message ? std::string() : message.error().message;
  if (message) {
    append_grpc_prefix(reply.body, 0, message->size());
    reply.body += *message;
  }
  if (*form == GrpcForm::Trailers) {
    auto& fields = message ? reply.trailers : reply.headers;
    fields.emplace_back("grpc-status", text_of(code));
    if (!text.empty()) fields.emplace_back("grpc-message", encoded_grpc_message(text));
    return reply;
  }
  append_web_trailers(reply.body, code, text);
  if (*form == GrpcForm::Web) return reply;
  const std::string plain = std::exchange(reply.body, {});
  append_base64(reply.body, plain);
  return reply;
}

// A message of `limit` with its frame, in base64 if need be.
constexpr Bytes body_of(Bytes limit) {
  return {limit.count / 3 * 4 + (4 << 10)};
}

Result<std::string> answer_blocking(BlockingRequest& request, const GrpcBlockingMethod& method, Bytes limit) {
  // HTTP/1.1 drops trailers; what comes by it as plain gRPC learns so from its own client.
  const GrpcHead head = TRY(head_of(request, true));
  const std::string body = TRY(request.read_all(body_of(limit)));
  GrpcFrames frames(limit, head.coding);
  std::string text;
  return method(TRY(only_message(head, as_bytes(body), frames, text)), request.principal());
}

// 0: that of the error's code.
int status_of_refusal(const Exchange& exchange, const Error& error) {
  return error.code == ErrorCode::Denied && !exchange.principal().role ? 401 : 0;
}

}  // namespace

Result<GrpcHead> read_grpc_head(const Exchange& exchange) {
  return head_of(exchange, exchange.has_trailers());
}

Result<ByteSpan> GrpcCall::read(Exchange& exchange, Bytes limit) {
  TRY(read_head(exchange));
  return read_body(exchange.body(), limit);
}

Result<void> GrpcCall::read_head(const Exchange& exchange) {
  head_ = TRY(read_grpc_head(exchange));
  return {};
}

Result<ByteSpan> GrpcCall::read_body(ByteSpan body, Bytes limit) {
  frames_.emplace(limit, head_.coding);
  return only_message(head_, body, *frames_, text_);
}

void GrpcCall::clear() {
  frames_.reset();
  for (std::string* text : {&text_, &held_}) {
    if (text->capacity() > kKept) std::string().swap(*text);  // assignment would keep the memory
  }
}

std::string& GrpcCall::open(Exchange& exchange, std::size_t size) {
  const bool is_encoded =
      head_.answer_coding != Coding::Identity && size >= kWorthEncoding && size <= kMostEncodedInline;
  if (!is_encoded) head_.answer_coding = Coding::Identity;
  if (is_encoded || head_.form == GrpcForm::WebText) {
    held_.clear();
    out_ = &held_;
    if (!is_encoded) append_grpc_prefix(held_, 0, size);
    return held_;
  }
  out_ = &exchange.open(200, content_type_of(head_.form));
  append_grpc_prefix(*out_, 0, size);
  return *out_;
}

void GrpcCall::finish(Exchange& exchange) {
  std::string& out = *std::exchange(out_, nullptr);
  std::string encoded;
  if (head_.answer_coding != Coding::Identity) {
    const auto smaller = deflate_all(head_.answer_coding, out);
    if (smaller) exchange.add_header("grpc-encoding", name_of(head_.answer_coding));
    append_grpc_prefix(encoded, smaller ? kGrpcCompressed : 0, smaller ? smaller->size() : out.size());
    encoded += smaller ? *smaller : out;
  }
  std::string& body = head_.answer_coding != Coding::Identity ? encoded : out;
  if (head_.form != GrpcForm::Trailers) append_web_trailers(body, GrpcCode::Ok, {});
  if (&out == &held_) {
    std::string& sent = exchange.open(200, content_type_of(head_.form));
    if (head_.form == GrpcForm::WebText) {
      append_base64(sent, body);
    } else {
      sent += body;
    }
  }
  if (head_.form == GrpcForm::Trailers) exchange.add_trailer("grpc-status", text_of(GrpcCode::Ok));
  exchange.finish();
}

void GrpcCall::reply(Exchange& exchange, std::string_view message) {
  open(exchange, message.size()) += message;
  finish(exchange);
}

GrpcCode code_of_refusal(const Exchange& exchange, const Error& error) {
  return grpc_code(error.code, status_of_refusal(exchange, error));
}

Route grpc_route(std::string path, access::Permission permission, GrpcMethod method) {
  return grpc_route(
      std::move(path), permission,
      GrpcGuardedMethod([method = std::move(method)](ByteSpan message, const Exchange&) { return method(message); }));
}

Route grpc_route(std::string path, access::Permission permission, GrpcGuardedMethod method) {
  return {Method::Post, std::move(path), permission, InlineHandler([method = std::move(method)](Exchange& exchange) {
            GrpcCall call;
            const auto question = call.read(exchange, kDefaultBodyLimit);
            const Result<std::string> answer =
                question ? method(*question, exchange) : Result<std::string>(question.error());
            if (!answer) return reply_error(exchange, answer.error(), status_of_refusal(exchange, answer.error()));
            call.reply(exchange, *answer);
          })};
}

Reply refusal(const BlockingRequest& request, const Error& error) {
  const auto form = parse_grpc_form(request.header("content-type"));
  return form ? reply_of(form, error) : error_reply(error);
}

Route grpc_blocking_route(std::string path, access::Permission permission, GrpcBlockingMethod method, Bytes limit,
                          Work work) {
  return {Method::Post,
          std::move(path),
          permission,
          BlockingHandler([method = std::move(method), limit](BlockingRequest& request) {
            return reply_of(parse_grpc_form(request.header("content-type")), answer_blocking(request, method, limit));
          }),
          std::max(kDefaultBodyLimit, body_of(limit)),
          work};
}

}  // namespace slipway::net

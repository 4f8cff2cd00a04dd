#include "adapter/api_grpc/streams.h"

#include <optional>
#include <string>
#include <utility>

#include "adapter/api_grpc/health.h"
#include "adapter/api_grpc/reflection.h"
#include "adapter/net/error_reply.h"

namespace slipway::api_grpc {
namespace {

constexpr auto kInterval = std::chrono::milliseconds(200);

void end_with(net::GrpcStream*& stream, const Error& error) {
  std::exchange(stream, nullptr)->end(net::grpc_code(error.code), error.message);
}

void end_for_stop(net::GrpcStream*& stream) {
  if (stream != nullptr) end_with(stream, unavailable("the server stops"));
}

class Watch final : public net::GrpcStreamMethod, public std::enable_shared_from_this<Watch> {
 public:
  Watch(const Surroundings& around, net::GrpcStream& stream)
      : around_(around), stream_(&stream), loop_(stream.loop_index()) {}

  void message(ByteSpan message) override {
    if (service_) return end_with(stream_, invalid_input("expected one question, found another"));
    auto service = watched_service(message);
    if (!service) return end_with(stream_, service.error());
    if (is_model(*service) && !stream_->require(access::Permission::ReadMetadata)) {
      stream_ = nullptr;
      return;
    }
    if (const auto may = is_model(*service) ? stream_->require_model(*service) : Result<void>(); !may) {
      return end_with(stream_, may.error());
    }
    service_ = *std::move(service);
    look();
  }
  void half_closed() override {
    if (!service_) end_with(stream_, invalid_input("expected one question, found none"));
  }
  void server_stops() override { end_for_stop(stream_); }
  void abandoned() noexcept override { stream_ = nullptr; }

 private:
  void look() {
    if (stream_ == nullptr) return;
    const Health now = health_of(around_.predictor, around_.is_ready, *service_);
    // A client that does not read is told the latest state when it does.
    if (now != told_ && stream_->unsent() < net::kStreamAhead) {
      told_ = now;
      stream_->send(health_message(now));
    }
    around_.run_later(loop_, kInterval, [alive = weak_from_this()] {
      if (const auto watch = alive.lock()) watch->look();
    });
  }

  const Surroundings& around_;
  net::GrpcStream* stream_;
  const std::size_t loop_;
  std::optional<std::string> service_;
  std::optional<Health> told_;
};

class Reflect final : public net::GrpcStreamMethod {
 public:
  explicit Reflect(net::GrpcStream& stream) : stream_(&stream) {}

  void message(ByteSpan message) override {
    const auto answer = answer_reflection(message);
    if (!answer) return end_with(stream_, answer.error());
    stream_->send(*answer);
    if (stream_->unsent() >= net::kStreamAhead) stream_->pause();
  }
  void half_closed() override { std::exchange(stream_, nullptr)->end(net::GrpcCode::Ok, {}); }
  void drained() override {
    if (stream_ != nullptr) stream_->resume();
  }
  void server_stops() override { end_for_stop(stream_); }
  void abandoned() noexcept override { stream_ = nullptr; }

 private:
  net::GrpcStream* stream_;
};

}  // namespace

std::shared_ptr<net::GrpcStreamMethod> watch_health(const Surroundings& around, net::GrpcStream& stream) {
  return std::make_shared<Watch>(around, stream);
}

std::shared_ptr<net::GrpcStreamMethod> reflect(net::GrpcStream& stream) {
  return std::make_shared<Reflect>(stream);
}

}  // namespace slipway::api_grpc

// ScriptedPredictor: a predictor whose models are lines of a test.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/text.h"
#include "ports/predictor.h"

namespace slipway::api_oip {

// What a scripted model does with its inputs: outputs in the order of its signature.
using Script = std::function<Result<std::vector<tensor::Tensor>>(std::span<const tensor::TensorView>)>;

// One loop, one lane. Answers inside submit(), or at flush() after hold(). One thread.
class ScriptedPredictor final : public ports::Predictor, public ports::Lane {
 public:
  void serve(model::Manifest manifest, model::VersionNumber version, Script script) {
    const std::string name = manifest.name;
    auto served = std::make_shared<ports::ServedModel>(
        ports::ServedModel{model::ModelName::parse(name).value(), version, std::move(manifest), std::to_string(version),
                           "scripted_model", version, std::to_string(version)});
    models_[name][version] = {std::move(served), std::move(script)};
  }
  void hold() { held_ = true; }
  void be_ready(bool ready) { ready_ = ready; }
  std::size_t waiting() const { return waiting_.size(); }

  ports::Lane& lane(std::size_t) override { return *this; }
  Result<std::shared_ptr<const ports::ServedModel>> find(std::string_view name,
                                                         std::optional<model::VersionNumber> version,
                                                         ports::Numbering = ports::Numbering::Registry) const override {
    const auto model = models_.find(std::string(name));
    if (model == models_.end()) return not_found("model \"" + printable(name) + "\" is not served");
    const auto entry = version ? model->second.find(*version) : std::prev(model->second.end());
    if (entry == model->second.end()) return not_found("model \"" + printable(name) + "\" has no such version served");
    return entry->second.served;
  }
  std::vector<model::VersionNumber> served_versions(std::string_view name, ports::Numbering) const override {
    std::vector<model::VersionNumber> versions;
    const auto model = models_.find(std::string(name));
    if (model == models_.end()) return versions;
    for (const auto& [version, entry] : model->second) versions.push_back(version);
    return versions;
  }
  std::vector<ports::ServedState> index() const override { return states; }
  Result<std::vector<ports::ModelStatistics>> statistics(std::string_view name,
                                                         std::optional<model::VersionNumber> version,
                                                         ports::Numbering numbering) const override {
    if (!name.empty()) {
      const auto served = find(name, version, numbering);
      if (!served) return served.error();
    }
    return counted;
  }
  bool is_ready() const override { return ready_; }

  Result<ports::Assignment> assign(const ports::PredictRequest& request) override {
    ++assignments;
    auto served = find(request.model, request.version ? request.version : assigns);
    if (!served) return served.error();
    return ports::Assignment{std::make_shared<Assigned>(std::move(*served)), {}};
  }
  void submit(const ports::PredictRequest& request, ports::Completion& completion) override {
    last = request;
    if (held_ && takes && waiting_.size() >= *takes) return completion.failed(overloaded("the lane is full"));
    if (held_) {
      waiting_.push_back({request, &completion});
    } else {
      complete(request, completion);
    }
  }
  void cancel(ports::Completion& completion) override {
    ++cancelled;
    for (auto* list : {&waiting_, &running_}) {
      std::erase_if(*list, [&](const auto& pair) { return pair.second == &completion; });
    }
  }
  void flush() override { complete_waiting(Order::Asked); }
  void flush_backwards() { complete_waiting(Order::Reversed); }
  bool has_pending_work() const override { return !waiting_.empty(); }

  std::optional<model::VersionNumber> assigns;  // by assign(), when nobody asks for a version; none: the newest
  int assignments = 0;
  std::optional<std::size_t> takes;  // requests after hold(); none: any number
  ports::PredictRequest last;
  int cancelled = 0;
  std::vector<ports::ServedState> states;
  std::vector<ports::ModelStatistics> counted;

 private:
  enum class Order : std::uint8_t { Asked, Reversed };

  // Those that wait now; completions may cancel them, and submit others, which wait for the next time.
  void complete_waiting(Order order) {
    running_ = std::exchange(waiting_, {});
    if (order == Order::Reversed) std::ranges::reverse(running_);
    while (!running_.empty()) {
      const auto [request, completion] = running_.front();
      running_.erase(running_.begin());
      complete(request, *completion);
    }
  }
  struct Assigned final : ports::AssignedVersion {
    explicit Assigned(std::shared_ptr<const ports::ServedModel> of) : served(std::move(of)) {}
    const ports::ServedModel& described() const override { return *served; }
    std::shared_ptr<const ports::ServedModel> served;
  };
  struct Entry {
    std::shared_ptr<const ports::ServedModel> served;
    Script script;
  };

  void complete(const ports::PredictRequest& request, ports::Completion& completion) {
    const auto served = request.assigned ? find(request.model, (*request.assigned)->described().version)
                                         : find(request.model, request.version, request.numbering);
    if (!served) return completion.failed(served.error());
    const tensor::Signature& signature = (*served)->manifest.signature;
    const auto checked = check_request(signature, request.inputs, (*served)->manifest.batching.max_batch);
    if (!checked) return completion.failed(checked.error());
    std::vector<std::uint32_t> indices;
    for (std::size_t i = 0; request.outputs.empty() && i < signature.outputs.size(); ++i) {
      indices.push_back(static_cast<std::uint32_t>(i));
    }
    for (const ports::RequestedOutput& wanted : request.outputs) {
      const auto index = signature.output_index(wanted.name);
      if (!index) return completion.failed(invalid_input("unknown output \"" + printable(wanted.name) + "\""));
      indices.push_back(static_cast<std::uint32_t>(*index));
    }
    const auto made = models_.at(std::string(request.model)).at((*served)->version).script(request.inputs);
    if (!made) return completion.failed(made.error());
    std::vector<tensor::TensorView> outputs;
    for (const std::uint32_t index : indices) outputs.push_back((*made)[index].view());
    completion.answered({**served, outputs, indices});
  }

  std::map<std::string, std::map<model::VersionNumber, Entry>> models_;
  std::vector<std::pair<ports::PredictRequest, ports::Completion*>> waiting_;
  std::vector<std::pair<ports::PredictRequest, ports::Completion*>> running_;
  bool held_ = false;
  bool ready_ = true;
};

}  // namespace slipway::api_oip

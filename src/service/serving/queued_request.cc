#include "service/serving/queued_request.h"

#include <algorithm>
#include <cstring>

namespace slipway::serving {

void QueuedRequest::keep(const Member& member, const tensor::Signature& signature) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::size_t words = 0;
  for (const tensor::TensorView& view : member.inputs) words += (view.data.size() + kWord - 1) / kWord;
  storage.resize(words);
  std::uint64_t* at = storage.data();
  for (const tensor::TensorView& view : member.inputs) {
    tensor::TensorView& kept = inputs.emplace_back(view);
    kept.name = signature.inputs[*signature.input_index(view.name)].name;
    if (!view.data.empty()) std::memcpy(at, view.data.data(), view.data.size());
    kept.data = {reinterpret_cast<const std::byte*>(at), view.data.size()};
    at += (view.data.size() + kWord - 1) / kWord;
  }
  for (const ports::RequestedOutput& output : member.outputs) {
    outputs.push_back({signature.outputs[*signature.output_index(output.name)].name});
  }
  bytes = words * kWord;
  rows = member.rows;
}

void ExecutedBatch::hand_back(const std::shared_ptr<ExecutedBatch>& batch) {
  std::vector<BatchReceiver*> receivers;
  for (const auto& request : batch->requests) {
    if (std::ranges::find(receivers, request->receiver) == receivers.end()) receivers.push_back(request->receiver);
  }
  for (BatchReceiver* receiver : receivers) receiver->receive(batch);
}

}  // namespace slipway::serving

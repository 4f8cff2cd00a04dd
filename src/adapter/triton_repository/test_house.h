// A repository on disk with a registry in memory, and short words to tell stories about it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapter/store_memory/test_registry.h"
#include "adapter/triton_repository/test_folder.h"
#include "adapter/triton_repository/triton_repository.h"

namespace slipway::triton_repository::test {

using store_memory::test::OneVerdict;

class House : public ::testing::Test, protected store_memory::test::TestRegistry {
 protected:
  using Verdict = OneVerdict::Verdict;

  void open(Control control = Control::Poll) {
    Settings settings;
    settings.path = models.path().string();
    settings.control = control;
    settings.environment = "production";
    settings.packages = (state.path() / "imports").string();
    settings.records = (state.path() / "imports.json").string();
    settings.patience = patience;
    repository.reset();
    repository = TritonRepository::open({registry, clock, log}, settings).value();
  }
  // What was found at one look is taken at the next.
  void look_twice() {
    repository->look();
    repository->look();
  }
  // The registry's numbers, as in "1 2"; nothing: "".
  std::string served(std::string_view model) {
    std::string text;
    const auto desired = registry.desired("production").value();
    for (const auto& stored : desired) {
      if (stored.record.model.text() != model) continue;
      for (const auto& share : stored.record.split.shares())
        text += (text.empty() ? "" : " ") + std::to_string(share.version);
    }
    return text;
  }
  std::string reason(std::string_view model, model::VersionNumber version) {
    for (const auto& each : repository->findings()) {
      if (each.model == model && each.version == version) return each.reason;
    }
    return "not there";
  }
  static model::ModelName name(std::string_view text) { return model::ModelName::parse(text).value(); }

  TestFolder models;
  TestFolder state;
  Duration patience = std::chrono::minutes(5);
  std::unique_ptr<TritonRepository> repository;
};

}  // namespace slipway::triton_repository::test

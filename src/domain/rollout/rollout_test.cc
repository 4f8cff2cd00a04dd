#include "domain/rollout/rollout.h"

#include <filesystem>
#include <fstream>

#include "domain/rollout/rollout_fixture.h"

namespace slipway::rollout {
namespace {

constexpr State kStates[] = {State::Queued,     State::Applying,  State::Observing, State::AwaitingApproval,
                             State::Completing, State::Restoring, State::Completed, State::Aborted};

std::string titled(State state) {
  std::string text;
  bool is_first = true;
  for (const char each : name_of(state)) {
    if (each != '_') text += static_cast<char>(is_first ? each - 'a' + 'A' : each);
    is_first = each == '_';
  }
  return text;
}

// The table of rollout.h, printed from the code.
std::string printed_table() {
  std::string heading = "//   from \\ to";
  heading.resize(23, ' ');
  std::vector<std::size_t> columns;
  for (const State to : std::span(kStates).subspan(1)) {
    columns.push_back(heading.size());
    heading += titled(to) + "  ";
  }
  std::string table = heading.substr(0, heading.size() - 2) + "\n";
  for (const State from : kStates) {
    std::string line = "//   " + titled(from);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      line.resize(columns[i], ' ');
      line += may_move(from, kStates[i + 1]) ? "yes" : "-";
    }
    table += line + "\n";
  }
  return table;
}

std::filesystem::path header_path() {
  const std::filesystem::path header = "src/domain/rollout/rollout.h";
  std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  while (folder.has_relative_path() && !std::filesystem::exists(folder / header)) folder = folder.parent_path();
  return folder / header;
}

TEST(Rollout, the_table_in_the_header_is_the_codes) {
  std::ifstream file(header_path());
  ASSERT_TRUE(file);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  EXPECT_NE(text.find(printed_table()), std::string::npos) << printed_table();
}

TEST(Rollout, names_lead_back) {
  for (const State state : kStates) EXPECT_EQ(parse_state(name_of(state)), state);
  EXPECT_EQ(parse_state("paused"), std::nullopt);
}

TEST(Rollout, candidates_are_other_versions_each_once) {
  const Plan plan{{{Canary{}}}};
  const auto name = *model::ModelName::parse("fraud");
  EXPECT_FALSE(open(plan, "production", name, 1, {}, kMonday));
  EXPECT_FALSE(open(plan, "production", name, 1, {1}, kMonday));
  EXPECT_FALSE(open(Plan{{{Bandit{}}}}, "production", name, 1, {2, 2}, kMonday));
  EXPECT_FALSE(open(plan, "production", name, 1, {2, 3}, kMonday)) << "only a bandit takes several";
  EXPECT_TRUE(open(Plan{{{Bandit{}}}}, "production", name, 1, {2, 3}, kMonday));
}

TEST(Rollout, parts_of_several_candidates_sum_to_the_weight) {
  World world(Plan{{{Bandit{}}}}, {2, 3, 4});
  const Traffic traffic = traffic_of(*world.rollout, {1'000}, {});
  std::uint32_t sum = 0;
  for (const model::Share& share : traffic.shares) sum += share.share.count;
  EXPECT_EQ(sum, 10'000u);
  EXPECT_EQ(traffic.shares[0].share.count, 9'000u);
}

}  // namespace
}  // namespace slipway::rollout

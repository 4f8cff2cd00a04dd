// The metadata stores under contract, and short words for their records.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapter/store_memory/memory_store.h"
#include "adapter/store_postgres/postgres_store.h"
#include "adapter/store_sqlite/sqlite_store.h"
#include "postgres_server.h"
#include "scratch_folder.h"

namespace slipway::contract {

// How to make one kind of store, empty. reopened() is the same store after a restart, as far as it outlives one.
struct MemoryMaker {
  static constexpr bool kDurable = false;
  store_memory::MemoryStore store;
  ports::MetadataStore& get() { return store; }
  void reopen() {}
};
struct SqliteMaker {
  static constexpr bool kDurable = true;
  testing_ground::ScratchFolder folder;
  std::unique_ptr<store_sqlite::SqliteStore> store = opened();
  ports::MetadataStore& get() { return *store; }
  void reopen() {
    store.reset();
    store = opened();
  }
  std::unique_ptr<store_sqlite::SqliteStore> opened() {
    auto made = store_sqlite::SqliteStore::open(folder / "registry.db");
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? std::move(made).value() : nullptr;
  }
};
struct PostgresMaker {
  static constexpr bool kDurable = true;
  const store_postgres::Settings settings = testing_ground::PostgresServer::shared().fresh();
  std::unique_ptr<store_postgres::PostgresStore> store = opened();
  ports::MetadataStore& get() { return *store; }
  void reopen() {
    store.reset();
    store = opened();
  }
  std::unique_ptr<store_postgres::PostgresStore> opened() {
    auto made = store_postgres::PostgresStore::open(settings);
    EXPECT_TRUE(made.ok()) << (made.ok() ? "" : made.error().message);
    return made.ok() ? std::move(made).value() : nullptr;
  }
};

inline model::ModelName name(std::string_view text) {
  return model::ModelName::parse(text).value();
}
inline model::Alias alias(std::string_view text) {
  return model::Alias::parse(text).value();
}
inline WallTime at(std::int64_t micros) {
  return WallTime(WallTime::duration(micros));
}
inline ports::ModelRecord model_record(std::string_view text, model::VersionNumber last = 0) {
  return {.name = name(text), .created_at = at(1'700'000'000'123'456), .last_version = last, .removed = false};
}
inline model::ModelVersion version_record(std::string_view of, model::VersionNumber number) {
  model::ModelVersion version{
      .name = name(of),
      .number = number,
      .digest = {},
      .files = {{"weights/b.bin", 7, sha256(as_bytes("b"))}, {"a.onnx", 0, sha256(as_bytes("a"))}},
      .manifest = "name: \"x\"\nüñï: ok\n",
      .stage = model::Stage::Registered,
      .reason = "not verified yet",
      .verification = {},
      .created_at = at(5),
      .created_by = "eva",
      .makers = {"Ida Müller", "max"}};
  version.digest = model::package_digest(version.files);
  return version;
}
inline model::DesiredServing desired_record(std::string_view environment, std::string_view of,
                                            model::VersionNumber number) {
  return {std::string(environment), name(of), model::TrafficSplit::all_to(number)};
}
inline model::ServingEntry entry_record(std::string_view environment, std::string_view of, std::uint64_t number) {
  return {.environment = std::string(environment),
          .model = name(of),
          .number = number,
          .split = model::TrafficSplit::parse({{number, {9'999}}, {number + 1, {1}}}).value(),
          .live = false,
          .previous = number - 1,
          .written_at = at(9)};
}
inline ports::TokenRecord token_record(std::string_view id, std::string_view called) {
  return {.id = std::string(id),
          .name = std::string(called),
          .hash = sha256(as_bytes(id)),
          .role = access::Role::Operator,
          .created_at = at(3),
          .expires_at = {}};
}
inline model::AuditHead head_record(std::uint64_t sequence) {
  static const auto key = Ed25519PrivateKey::generate();
  model::AuditHead head{.sequence = sequence, .hash = sha256(as_bytes("event")), .at = at(77)};
  head.key = key.public_key();
  head.signature = key.sign(as_bytes(statement_of(head)));
  return head;
}
inline model::Event event(std::string_view of, std::string_view action) {
  return {.sequence = 0,
          .at = at(11),
          .actor = "eva",
          .action = std::string(action),
          .model = std::string(of),
          .subject = "production",
          .from = "version 1",
          .to = "version 2",
          .reason = "because"};
}

}  // namespace slipway::contract

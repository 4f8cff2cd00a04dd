// How the routes of this room are written: a function per route, its Result turned into a reply.
#pragma once

#include <atomic>
#include <initializer_list>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "adapter/api_admin/api_admin.h"
#include "adapter/api_admin/json_fields.h"
#include "base/digest.h"
#include "base/guarded.h"

namespace slipway::api_admin {

// What all routes share: the borrowed parts and the slots of the heavy ones.
struct Desk {
  explicit Desk(const AdminParts& parts_) : parts(parts_), started_at(parts_.clock.wall_now()) {}
  AdminParts parts;
  WallTime started_at;
  std::atomic<int> heavy{0};              // pushes and verifications running
  Guarded<std::set<Digest>> answering{};  // requests with an Idempotency-Key, one for each thread at most
};
using DeskPointer = std::shared_ptr<Desk>;

// Any thread. Borrows everything until it returns.
using Answer = Result<net::Reply> (*)(Desk& desk, net::BlockingRequest& request);

net::Route route(const DeskPointer& desk, net::Method method, std::string pattern, access::Permission permission,
                 Answer answer, Bytes body_limit = kibibytes(64), net::Work work = net::Work::Short);

// A route without a model in its path, whose answer looks at the caller's scope itself.
net::Route for_limited_callers(net::Route route);

net::Reply json_reply(std::string body, int status = 200);
net::Reply no_content();

// The parts of a request that most routes read; InvalidInput names what was expected and found.
Result<model::ModelName> model_of(const net::BlockingRequest& request);        // the path's first {…}
Result<model::VersionNumber> version_of(const net::BlockingRequest& request);  // its second
Result<std::string> environment_of(const Desk& desk, const net::BlockingRequest& request);
Result<std::uint64_t> number_of(const net::BlockingRequest& request, std::string_view key, std::uint64_t otherwise,
                                std::uint64_t most);
// For what the gate cannot see in the path. Denied: the caller's token is for other models, or (where one is said)
// other environments; the attempt is noted for the history.
Result<void> expect_covered(Desk& desk, const net::BlockingRequest& request, std::string_view model,
                            std::string_view environment = {});
// The body as one JSON object of known keys; an empty body is an empty object.
Result<JsonFields> fields_of(net::BlockingRequest& request, std::initializer_list<std::string_view> known);
// Who changes, and why: "reason" of the body or ?reason=.
Result<registry::Author> author_of(const net::BlockingRequest& request, const JsonFields* fields = nullptr);

// The routes, by subject.
void add_model_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_search_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_annotation_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_provenance_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_package_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_serving_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_token_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_signature_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_approval_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_evidence_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_rollout_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_dataset_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_feedback_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_audit_routes(std::vector<net::Route>& routes, const DeskPointer& desk);
void add_status_routes(std::vector<net::Route>& routes, const DeskPointer& desk);

}  // namespace slipway::api_admin

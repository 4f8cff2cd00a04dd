// ReaderPool: the connections of one store that read.
#pragma once

#include <condition_variable>
#include <memory>
#include <vector>

#include "adapter/store_postgres/connector.h"

namespace slipway::store_postgres {

// Any thread; blocks. At most Settings::readers connections, opened as they are needed and kept.
class ReaderPool {
 public:
  explicit ReaderPool(Connector& connector) : connector_(connector) {}

  // What `read(Session&)` returns, in a transaction of its own that sees one state. A connection that turns out to be
  // lost is replaced and the reading begun again. Overloaded: no connection came free in time.
  template <class Read>
  auto reading(Read read) -> decltype(read(std::declval<Session&>())) {
    for (int tried = 1;; ++tried) {
      auto session = TRY(borrow());
      auto found = attempt(*session, read);
      const bool was_lost = !found.ok() && session->is_broken();
      session.give_back();
      if (!was_lost || tried == kMostAttempts) return found;
    }
  }

 private:
  static constexpr int kMostAttempts = 3;  // a lost one takes the idle ones with it, which ended with it most likely

  class Loan {
   public:
    Loan(ReaderPool& pool, std::unique_ptr<Session> session) : pool_(&pool), session_(std::move(session)) {}
    Loan(Loan&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), session_(std::move(other.session_)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() { give_back(); }
    Session& operator*() { return *session_; }
    Session* operator->() { return session_.get(); }
    void give_back() {
      if (pool_) std::exchange(pool_, nullptr)->take_back(std::move(session_));
    }

   private:
    ReaderPool* pool_;
    std::unique_ptr<Session> session_;
  };

  template <class Read>
  static auto attempt(Session& session, Read& read) -> decltype(read(session)) {
    TRY(session.begin(Session::Kind::Read));
    auto found = read(session);
    session.end();
    return found;
  }
  Result<Loan> borrow();
  void take_back(std::unique_ptr<Session> session);

  struct Sessions {
    std::vector<std::unique_ptr<Session>> idle;
    std::size_t lent = 0;
  };
  Connector& connector_;
  Guarded<Sessions> sessions_;
  std::condition_variable returned_;
};

}  // namespace slipway::store_postgres

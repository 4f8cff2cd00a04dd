#include "adapter/store_postgres/reader_pool.h"

namespace slipway::store_postgres {

Result<ReaderPool::Loan> ReaderPool::borrow() {
  const Settings& settings = connector_.target().settings;
  {
    auto sessions = sessions_.lock();
    const bool came_free = returned_.wait_for(sessions.lock(), settings.statement_timeout,
                                              [&] { return sessions->lent < settings.readers; });
    if (!came_free) {
      return overloaded("all " + std::to_string(settings.readers) + " connections to " + connector_.target().place +
                        " are busy");
    }
    ++sessions->lent;
    if (!sessions->idle.empty()) {
      auto session = std::move(sessions->idle.back());
      sessions->idle.pop_back();
      return Loan(*this, std::move(session));
    }
  }
  auto opened = connector_.open();
  if (!opened.ok()) {
    take_back(nullptr);
    return std::move(opened).error();
  }
  return Loan(*this, std::move(opened).value());
}

void ReaderPool::take_back(std::unique_ptr<Session> session) {
  std::vector<std::unique_ptr<Session>> lost;  // closed outside the lock
  {
    auto sessions = sessions_.lock();
    --sessions->lent;
    if (session && !session->is_broken()) {
      session->end();
      sessions->idle.push_back(std::move(session));
    } else {
      lost.swap(sessions->idle);  // what ended one of them has most likely ended all
      lost.push_back(std::move(session));
    }
  }
  returned_.notify_one();
}

}  // namespace slipway::store_postgres

#include "adapter/store_sqlite/schema_signatures.h"

namespace slipway::store_sqlite {

Migration signatures_step() {
  return {9,
          {
              R"(CREATE TABLE signature (
                   model TEXT NOT NULL,
                   number INTEGER NOT NULL CHECK (number > 0),
                   digest TEXT NOT NULL CHECK (length(digest) = 64),
                   bundle TEXT NOT NULL,
                   attached_by TEXT NOT NULL,
                   at INTEGER NOT NULL,
                   revision INTEGER NOT NULL CHECK (revision = 1),
                   PRIMARY KEY (model, number, digest)
                 ) STRICT)",
              R"(CREATE TRIGGER signature_is_never_changed BEFORE UPDATE ON signature
                   BEGIN SELECT RAISE(ABORT, 'signatures are never changed or erased'); END)",
              R"(CREATE TRIGGER signature_is_never_removed BEFORE DELETE ON signature
                   BEGIN SELECT RAISE(ABORT, 'signatures are never changed or erased'); END)",
          }};
}

}  // namespace slipway::store_sqlite

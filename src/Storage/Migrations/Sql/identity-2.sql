-- A deleted user stays, without its name and its password, until its sessions would have expired: hosts learn from them that they have ended.
-- An empty password_hash: invited, or reset by link, and no password chosen yet.
ALTER TABLE users ADD COLUMN display_name TEXT;
ALTER TABLE users ADD COLUMN email TEXT;
ALTER TABLE users ADD COLUMN revision BIGINT NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN disabled_at BIGINT;
ALTER TABLE users ADD COLUMN deleted_at BIGINT;
ALTER TABLE users ADD COLUMN signed_in_at BIGINT;

CREATE INDEX users_by_tenant ON users (tenant, normalized_name);

ALTER TABLE sessions ADD COLUMN address TEXT;
ALTER TABLE sessions ADD COLUMN agent TEXT;
ALTER TABLE sessions ADD COLUMN used_at BIGINT;

CREATE INDEX sessions_by_end ON sessions (ended_at);

-- One per user: a new link takes the place of the one before.
CREATE TABLE password_links (
  user_id TEXT PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  hash BYTEA NOT NULL,
  expires_at BIGINT NOT NULL
);

CREATE UNIQUE INDEX password_links_by_hash ON password_links (hash);

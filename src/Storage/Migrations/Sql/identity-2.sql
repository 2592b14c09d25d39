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

-- permissions: words with spaces between. A revoked token stays until it would have expired, so that hosts learn of it.
CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  tenant TEXT NOT NULL,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  hash BYTEA NOT NULL,
  permissions TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT
);

CREATE INDEX api_tokens_by_tenant ON api_tokens (tenant, id);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);
CREATE INDEX api_tokens_by_revocation ON api_tokens (revoked_at);

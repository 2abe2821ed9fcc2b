/**
 * Keys of callers, by SHA-256: the key itself is never stored. Every change that may end a key is announced on `api_keys_changed`, so
 * that each process forgets it at once; a new last-used time is not such a change.
 */
export const identity = {
  name: "0002-identity",
  sql: `
    CREATE TABLE api_keys (
      id text PRIMARY KEY,
      hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
      kind text NOT NULL,
      subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
      hint text NOT NULL CHECK (length(hint) <= 8),
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz,
      revoked_at timestamptz,
      replaced_by text REFERENCES api_keys (id),
      last_used_at timestamptz
    );
    CREATE INDEX api_keys_subject ON api_keys (kind, subject);

    CREATE FUNCTION announce_api_key_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM pg_notify('api_keys_changed', encode(OLD.hash, 'base64'));
      RETURN NULL;
    END $$;
    CREATE TRIGGER api_keys_ended AFTER UPDATE OF expires_at, revoked_at, kind, subject, hash ON api_keys
      FOR EACH ROW EXECUTE FUNCTION announce_api_key_change();
    CREATE TRIGGER api_keys_deleted AFTER DELETE ON api_keys
      FOR EACH ROW EXECUTE FUNCTION announce_api_key_change();

    CREATE FUNCTION keep_api_key_revoked() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      RAISE EXCEPTION 'a revoked API key stays revoked';
    END $$;
    CREATE TRIGGER api_keys_revoked_for_good BEFORE UPDATE OF revoked_at ON api_keys
      FOR EACH ROW WHEN (OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at)
      EXECUTE FUNCTION keep_api_key_revoked();

    GRANT SELECT, INSERT, UPDATE ON api_keys TO tollkeeper_app;
  `,
} as const;

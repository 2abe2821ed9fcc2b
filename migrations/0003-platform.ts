/**
 * The first answer to each Idempotency-Key, so that a repeated request is answered and not repeated. Answers are sealed by the
 * application: one may show a key that is shown only once. A row without `status` is a claim still running until `expires_at`.
 */
export const platform = {
  name: "0003-platform",
  sql: `
    CREATE TABLE idempotency_keys (
      scope text NOT NULL CHECK (length(scope) <= 300),
      operation_id text NOT NULL,
      key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
      request_hash bytea NOT NULL CHECK (length(request_hash) = 32),
      claim_id uuid NOT NULL,
      claimed_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      status smallint CHECK (status BETWEEN 200 AND 399),
      sealed_answer text,
      PRIMARY KEY (scope, operation_id, key),
      CHECK ((status IS NULL) = (sealed_answer IS NULL))
    );
    CREATE INDEX idempotency_keys_expiry ON idempotency_keys (expires_at);
    GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO tollkeeper_app;
  `,
} as const;

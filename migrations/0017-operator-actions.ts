import type { Migration } from "./migration.ts";

/**
 * The operator's repairs. Every one is a row that is never changed: who did what, why, with which input and what came of it; its
 * request id makes the same repair sent twice one repair, whichever door it came through. Beside it: which step of which workflow
 * stands still and why, as its workflow says; the steps an operator decided to leave out; and the moment from which a purchase's
 * end cannot be taken back, written before the first thing is destroyed.
 */
export const operatorActions: Migration = {
  name: "0017-operator-actions",
  sql: `
CREATE TABLE operator_actions (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  request_id text NOT NULL UNIQUE CHECK (length(request_id) BETWEEN 1 AND 255),
  subject text NOT NULL CHECK (subject <> ''),
  action text NOT NULL CHECK (action <> ''),
  actor text NOT NULL CHECK (length(actor) BETWEEN 1 AND 500),
  note text NOT NULL CHECK (length(note) <= 500),
  input jsonb NOT NULL,
  outcome jsonb NOT NULL,
  acted_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX operator_actions_by_subject ON operator_actions (subject, number DESC);
CREATE TRIGGER operator_actions_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON operator_actions
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE parked_workflows (
  subject text PRIMARY KEY CHECK (subject <> ''),
  step text NOT NULL,
  phase text,
  step_name text,
  code text NOT NULL,
  reason text NOT NULL,
  next_action text NOT NULL,
  since timestamptz NOT NULL,
  CHECK ((phase IS NULL) = (step_name IS NULL))
);
CREATE INDEX parked_workflows_by_age ON parked_workflows (since);

CREATE TABLE skipped_steps (
  purchase_id text NOT NULL REFERENCES purchases (id),
  phase text NOT NULL CHECK (phase IN ('provision', 'suspend', 'resume', 'terminate')),
  step text NOT NULL CHECK (step <> ''),
  request_id text NOT NULL REFERENCES operator_actions (request_id) DEFERRABLE INITIALLY DEFERRED,
  skipped_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (purchase_id, phase, step)
);

ALTER TABLE purchases ADD COLUMN destruction_began_at timestamptz;
CREATE INDEX purchases_by_org ON purchases (buyer_org_id text_pattern_ops) WHERE buyer_org_id IS NOT NULL;
CREATE INDEX purchases_by_user ON purchases (buyer_user_id text_pattern_ops) WHERE buyer_user_id IS NOT NULL;
CREATE INDEX checkouts_by_email ON checkouts (lower(email) text_pattern_ops) WHERE email IS NOT NULL;

GRANT SELECT, INSERT ON operator_actions, skipped_steps TO tollkeeper_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON parked_workflows TO tollkeeper_app;
`,
};

import type { Database } from "../database/pool.ts";

/**
 * A workflow that stands still at a step whose attempts are used up. `subject` is its workflow id. `phase` and `stepName` are there
 * when the step is one that could be left out; `step`, `reason` and `nextAction` are words for people.
 */
export type ParkedWorkflow = {
  readonly subject: string;
  readonly step: string;
  readonly phase: string | null;
  readonly stepName: string | null;
  readonly code: string;
  readonly reason: string;
  readonly nextAction: string;
  readonly since: Date;
};

const COLUMNS = `subject, step, phase, step_name AS "stepName", code, reason, next_action AS "nextAction", since`;

/** Writes down where a workflow stands still; it stands at one step only, so the newest word replaces the one before. */
export async function noteParked(database: Database, parked: ParkedWorkflow): Promise<void> {
  await database.raw(
    `INSERT INTO parked_workflows (subject, step, phase, step_name, code, reason, next_action, since)
     VALUES (:subject, :step, :phase, :stepName, :code, :reason, :nextAction, :since)
     ON CONFLICT (subject) DO UPDATE SET step = excluded.step, phase = excluded.phase, step_name = excluded.step_name,
       code = excluded.code, reason = excluded.reason, next_action = excluded.next_action, since = excluded.since`,
    { ...parked },
  );
}

/** Forgets that a workflow stood still. Harmless when it did not. */
export async function clearParked(database: Database, subject: string): Promise<void> {
  await database("parked_workflows").where({ subject }).delete();
}

/** Where a workflow stands still; null when it does not. */
export async function findParked(database: Database, subject: string): Promise<ParkedWorkflow | null> {
  const { rows } = await database.raw<{ rows: ParkedWorkflow[] }>(
    `SELECT ${COLUMNS} FROM parked_workflows WHERE subject = ?`,
    [subject],
  );
  return rows[0] ?? null;
}

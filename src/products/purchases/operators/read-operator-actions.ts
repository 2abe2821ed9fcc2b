import type { Knex } from "knex";
import { listOperatorActions, type OperatorAction } from "../../../platform/operator-action-store.ts";

/** One page of what operators did; `nextCursor` is null on the last. */
export type OperatorActionPage = { readonly actions: readonly OperatorAction[]; readonly nextCursor: string | null };

/** What operators did, newest first: of all subjects or of one, the page below `cursor`, which is the last number of the page before. */
export async function readOperatorActions(
  needs: { readonly database: Knex },
  input: { readonly subject?: string | undefined; readonly cursor?: string | undefined; readonly limit: number },
): Promise<OperatorActionPage> {
  const { subject, cursor: before, limit } = input;
  const rows = await listOperatorActions(needs.database, { subject, before, limit: limit + 1 });
  const actions = rows.slice(0, limit);
  return { actions, nextCursor: rows.length > limit ? (actions.at(-1)?.number ?? null) : null };
}

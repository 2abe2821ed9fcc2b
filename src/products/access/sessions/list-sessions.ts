import type { Knex } from "knex";
import type { z } from "zod";
import { type Page, toPage } from "../telling/page.ts";
import type { SessionFilter } from "./session-store.ts";
import { listSessions, readDatabaseTime } from "./session-store.ts";
import { type SessionView, viewSession } from "./session-view.ts";

/** A session as those see it who sell it or watch over it: with its payer, and never with its token. */
export type ListedSession = z.input<typeof SessionView> & {
  readonly merchantId: string;
  readonly payer: string;
  readonly network: string;
};

/** A page of sessions, newest first, with what each has left now. */
export async function listSessionPage(
  needs: { readonly database: Knex },
  filter: SessionFilter,
): Promise<Page<ListedSession>> {
  const rows = await listSessions(needs.database, { ...filter, limit: filter.limit + 1 });
  const { items, nextCursor } = toPage(rows, { limit: filter.limit, cursorOf: ({ id }) => id });
  const now = await readDatabaseTime(needs.database);
  return {
    items: items.map((session) => ({
      ...viewSession(session, now),
      merchantId: session.merchantId,
      payer: session.payer,
      network: session.payerNetwork,
    })),
    nextCursor,
  };
}

import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { LedgerUnavailable } from "./errors.ts";
import type { Query, Statement } from "./ledger-store.ts";

/** One dedicated connection that opens when first needed and reopens after it was lost. Statements run one after another. */
export type LaneConnection = { readonly query: Query; readonly close: () => Promise<void> };

/** SQLSTATE classes that mean the connection, not the statement, failed: 08 connection, 57P0x shutdown and start-up. */
const LOST = /^(08|57P0[123]$)/;
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN)/;
/** One plan over indexes, made once: planning each batch anew cost 170 us, and a plan made on an empty table must not be a scan. */
const PLANNER =
  "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off";
const LOCK_TIMEOUT_MILLISECONDS = 10_000;
const FIRST_PAUSE_MILLISECONDS = 25;
const LONGEST_PAUSE_MILLISECONDS = 1_000;

/**
 * Opens a lane's connection. A statement whose connection broke is sent again on a new one until `patienceMilliseconds` have passed,
 * then {@link LedgerUnavailable}: every statement sent here is keyed, so sending it twice does it once.
 */
export function openLaneConnection(input: {
  readonly databaseUrl: string;
  readonly name: string;
  readonly patienceMilliseconds: number;
}): LaneConnection {
  let client: pg.Client | null = null;
  const connected = async (): Promise<pg.Client> => {
    if (client !== null) return client;
    const fresh = new pg.Client({
      connectionString: input.databaseUrl,
      application_name: input.name,
      lock_timeout: LOCK_TIMEOUT_MILLISECONDS,
      options: PLANNER,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    fresh.on("error", () => {
      if (client === fresh) client = null;
    });
    await fresh.connect();
    client = fresh;
    return fresh;
  };
  const once = async <Row extends object>(statement: Statement): Promise<readonly Row[]> => {
    const open = await connected();
    const result = await open.query<Row>({ ...statement, values: [...statement.values] });
    return result.rows;
  };
  const insist = async <Row extends object>(
    statement: Statement,
    deadline: number,
    pause: number,
  ): Promise<readonly Row[]> => {
    try {
      return await once<Row>(statement);
    } catch (error) {
      if (!connectionLost(error)) throw error;
      client = null;
      if (Date.now() + pause > deadline) throw new LedgerUnavailable(error);
      await sleep(pause);
      return insist<Row>(statement, deadline, Math.min(pause * 2, LONGEST_PAUSE_MILLISECONDS));
    }
  };
  let last: Promise<unknown> = Promise.resolve();
  const query: Query = <Row extends object>(statement: Statement) => {
    const start = () => insist<Row>(statement, Date.now() + input.patienceMilliseconds, FIRST_PAUSE_MILLISECONDS);
    const rows = last.then(start, start);
    last = rows;
    return rows;
  };
  return {
    query,
    close: async () => {
      const open = client;
      client = null;
      await open?.end().catch(() => undefined);
    },
  };
}

/** The SQLSTATE or system code of a failure, or an empty string. */
export function failureCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function connectionLost(error: unknown): boolean {
  const code = failureCode(error);
  if (code !== "") return LOST.test(code) || NETWORK.test(code);
  return (
    error instanceof Error && /connection|timeout expired|Client has encountered|not queryable/i.test(error.message)
  );
}

import type { Knex } from "knex";
import type { Logger } from "../../../platform/logger.ts";
import type { Landing, SettlementChain, SettlementVersion } from "./settlement-chain.ts";
import {
  noteGone,
  recordDearer,
  recordOutcome,
  type SettlementOutcome,
  type SettlementRecord,
  unresolvedSettlements,
  withdrawTransaction,
} from "./settlement-store.ts";

const AT_ONCE = 50;
/** Nodes lag behind each other: that a transaction is gone for good is believed only after this long. */
const BELIEVED_GONE_MS = 180_000;

type Needs = { readonly database: Knex; readonly logger: Logger };

/** Looks once at everything that was sent and that nobody waits for: what landed is written down, what did not is sent again. */
export async function followUnresolved(
  needs: Needs,
  { chains }: { readonly chains: readonly SettlementChain[] },
): Promise<void> {
  const networks = chains.map(({ network }) => network.id);
  if (networks.length === 0) return;
  for (const record of await unresolvedSettlements(needs.database, { networks, limit: AT_ONCE })) {
    const chain = chains.find(({ network }) => network.id === record.network);
    if (chain === undefined) continue;
    await followOnce(needs, { chain, record, resend: true }).catch((error: unknown) => {
      needs.logger.warn({ err: error, network: record.network, transaction: record.transaction }, "not followed");
    });
  }
}

/** One look at a recorded settlement, and with `resend` one more sending where it is not seen. Answers its outcome once there is one. */
export async function followOnce(
  { database }: Pick<Needs, "database">,
  {
    chain,
    record,
    resend,
  }: { readonly chain: SettlementChain; readonly record: SettlementRecord; readonly resend: boolean },
): Promise<SettlementOutcome | undefined> {
  if (record.transaction === null || record.raw === null) return undefined;
  const newest = { transaction: record.transaction, raw: record.raw };
  const { landing, mined } = await lookAtVersions(chain, { record, newest });
  const goneMs = landing === "dropped" ? await noteGone(database, record) : 0;
  const known = outcomeOf(landing, goneMs);
  if (known !== undefined) {
    const outcome = mined === undefined ? known : { ...known, transaction: mined };
    await recordOutcome(database, { ...record, outcome });
    return outcome;
  }
  if (landing !== "not_seen" || !resend) return undefined;
  const dearer = await signStuck(database, { chain, record, newest });
  const sending = await chain.send(dearer ?? newest.raw);
  // The payment can then be asked for again and signed with another nonce: an authorization moves its tokens at most once.
  if (sending === "out_of_funds") await withdrawTransaction(database, newest);
  return undefined;
}

type Versions = { readonly record: SettlementRecord; readonly newest: SettlementVersion };

/** Any version may be the one that is mined, whichever was sent last; the newest is the likeliest. */
async function lookAtVersions(
  chain: SettlementChain,
  { record, newest }: Versions,
): Promise<{ readonly landing: Landing; readonly mined?: string }> {
  const landing = await chain.look(newest, record.terms);
  if (landing === "landed" || landing === "failed") return { landing, mined: newest.transaction };
  for (const version of record.replaced.toReversed()) {
    const found = await chain.look(version, record.terms);
    if (found === "landed" || found === "failed") return { landing: found, mined: version.transaction };
  }
  return { landing };
}

/** The bytes of a dearer version, which is in the books by then; undefined where what was sent is good enough, or all that may be spent. */
async function signStuck(
  database: Knex,
  { chain, record, newest }: Versions & { readonly chain: SettlementChain },
): Promise<string | undefined> {
  const { wallet, replaced, ageSeconds } = record;
  const unseen = { ...newest, wallet, versions: replaced.length + 1, ageSeconds: ageSeconds ?? 0 };
  return chain.signDearer?.(unseen, (version) => recordDearer(database, { replaces: newest.transaction, version }));
}

/** What a look comes to; undefined while it is open. `goneMs`: since when it seems to be dropped. */
export function outcomeOf(landing: Landing, goneMs: number): SettlementOutcome | undefined {
  if (landing === "landed") return { success: true };
  if (landing === "failed") {
    return {
      success: false,
      reason: "transaction_failed",
      message: "the transaction is on the chain and moved nothing",
    };
  }
  if (landing !== "dropped" || goneMs < BELIEVED_GONE_MS) return undefined;
  return {
    success: false,
    reason: "transaction_failed",
    message: "the transaction did not land in time and can no more",
  };
}

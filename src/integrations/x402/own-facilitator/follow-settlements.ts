import type { Knex } from "knex";
import type { Logger } from "../../../platform/logger.ts";
import type { Landing, SettlementChain } from "./settlement-chain.ts";
import {
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
  const { transaction, raw, terms } = record;
  if (transaction === null || raw === null) return undefined;
  const landing = await chain.look({ transaction, raw }, terms);
  const outcome = outcomeOf(landing, Date.now() - record.createdAt.getTime());
  if (outcome !== undefined) {
    await recordOutcome(database, { ...record, outcome });
    return outcome;
  }
  if (landing !== "not_seen" || !resend) return undefined;
  const sending = await chain.send(raw);
  // The payment can then be asked for again and signed with another nonce: an authorization moves its tokens at most once.
  if (sending === "out_of_funds") await withdrawTransaction(database, { transaction });
  return undefined;
}

/** What a look comes to; undefined while it is open. */
export function outcomeOf(landing: Landing, ageMs: number): SettlementOutcome | undefined {
  if (landing === "landed") return { success: true };
  if (landing === "failed") {
    return {
      success: false,
      reason: "transaction_failed",
      message: "the transaction is on the chain and moved nothing",
    };
  }
  if (landing !== "dropped" || ageMs < BELIEVED_GONE_MS) return undefined;
  return {
    success: false,
    reason: "transaction_failed",
    message: "the transaction did not land in time and can no more",
  };
}

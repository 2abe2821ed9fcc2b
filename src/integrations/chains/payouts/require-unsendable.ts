import type { Database } from "../../../platform/database/pool.ts";
import type { Chain } from "../chain.ts";
import { findOutgoingByKey, markExpired, type OutgoingTransaction } from "../outgoing/outgoing-transaction-store.ts";
import { PayoutMayLand } from "./payout-errors.ts";
import { keyOfPayout, nonceOfPayout } from "./send-payout.ts";

/** A payout that somebody wants to call off. `wallet` is the settlement wallet it would leave; null where this server knows of none. */
type UnwantedPayout = {
  readonly id: string;
  readonly token: string;
  readonly attempts: number;
  readonly wallet: string | null;
  /** Until when an authorization that may have been signed is good; null where none ever was. */
  readonly authorizedUntil: Date | null;
  readonly createdAt: Date;
};

type Needs = { readonly database: Database; readonly chain: Chain };

/**
 * Passes only where no transfer of the payout is on its chain and none can ever be: nothing was signed; or each transaction is over
 * without having moved anything, and what was authorised is past its time by the chain's own final blocks, and unused. The caller holds
 * the payout's row, so that nothing is signed meanwhile. Throws `payout_may_land` with the reason, and `rpc_unavailable`.
 */
export async function requireUnsendable(needs: Needs, payout: UnwantedPayout): Promise<void> {
  for (let attempt = 1; attempt <= payout.attempts; attempt += 1) {
    const sent = await findOutgoingByKey(needs.database, keyOfPayout({ id: payout.id, attempt }));
    if (sent !== undefined) await requireOver(needs, sent);
  }
  if (payout.authorizedUntil !== null) await requireLapsed(needs, { ...payout, until: payout.authorizedUntil });
}

async function requireOver({ chain, database }: Needs, sent: OutgoingTransaction): Promise<void> {
  const { status, hash } = sent;
  if (status === "failed" || status === "expired") return;
  const name = hash ?? sent.id;
  if (status === "mined") {
    const detail = `Its transaction ${name} is on the chain for good: it is paid as soon as that is written down.`;
    throw new PayoutMayLand({ reason: "transaction_landed", detail });
  }
  if (hash !== null && (await chain.isExpired?.({ hash, unsigned: sent.unsigned })) === true) {
    await markExpired(database, sent.id);
    return;
  }
  const detail = `Its transaction ${name} is signed, and can still be in a block.`;
  throw new PayoutMayLand({ reason: status === "broadcast" ? "transaction_sent" : "transaction_signed", detail });
}

async function requireLapsed({ chain }: Needs, payout: UnwantedPayout & { readonly until: Date }): Promise<void> {
  const { id, wallet, until, createdAt: since } = payout;
  const { network, payments } = chain;
  const token = network.tokens.find(({ symbol }) => symbol === payout.token)?.address;
  if (wallet === null || token === undefined || payments === undefined) {
    const detail = `${network.name} has no settlement wallet here, so what was signed for it cannot be looked up.`;
    throw new PayoutMayLand({ reason: "settlement_wallet_unknown", detail });
  }
  const validBefore = BigInt(Math.ceil(until.getTime() / 1000));
  const nonce = nonceOfPayout(network, { id });
  const signed = { kind: "evm", token, payer: wallet, nonce, validBefore, since } as const;
  // The time first: what is absent after it can come no more.
  if (await payments.canStillLand(signed, network.finalityBlocks)) {
    const detail = `An authorization was signed for it that anybody who has it can use until ${until.toISOString()}. Ask again when a final block is later than that.`;
    throw new PayoutMayLand({ reason: "authorization_open", detail });
  }
  const fate = await payments.findTransfer(signed);
  if (fate.kind === "absent" || fate.kind === "canceled") return;
  const where = fate.kind === "landed" ? ` in ${fate.transaction}` : "";
  throw new PayoutMayLand({ reason: "authorization_used", detail: `Its authorization is used${where}.` });
}

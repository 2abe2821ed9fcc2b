import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOCAL_USDC_MINT } from "../../../../sandbox/parts/surfnet.ts";
import type { Chain } from "../../../../src/integrations/chains/chain.ts";
import {
  findOutgoingByKey,
  storeWithoutNonce,
} from "../../../../src/integrations/chains/outgoing/outgoing-transaction-store.ts";
import { requireUnsendable } from "../../../../src/integrations/chains/payouts/require-unsendable.ts";
import { keyOfPayout } from "../../../../src/integrations/chains/payouts/send-payout.ts";
import { solanaNetwork } from "../../../../src/integrations/chains/solana/networks.ts";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { scriptChain } from "../../../support/scripted-chain.ts";
import { newHash, openRows } from "../rows.ts";

let rows: Awaited<ReturnType<typeof openRows>>;
beforeAll(async () => {
  rows = await openRows();
});
afterAll(() => rows.stop());

const network = solanaNetwork({
  cluster: "local",
  shortName: "solana",
  nativePrice: parseDollars("100"),
  usdc: LOCAL_USDC_MINT,
});
/** A chain without nonces, on which the named transactions can be in no block any more. */
const chainWhere = (expired: readonly string[]): Chain => ({
  ...scriptChain(network).chain,
  isExpired: async ({ hash }) => expired.includes(hash),
});

const unsigned = {
  kind: "sponsored_transfer",
  mint: "m",
  decimals: 6,
  from: "s",
  to: "w",
  amountUnits: "1",
  blockhash: "b",
  lastValidBlockHeight: 9,
  createsAccount: false,
} as const;

/** A payout of which as many transactions were signed. */
async function signed(attempts: number) {
  const id = newHash();
  const hashes: string[] = [];
  for (let attempt = 1; attempt <= attempts; attempt += 1) {
    const hash = newHash();
    const key = keyOfPayout({ id, attempt });
    await storeWithoutNonce(rows.database, { key, chain: network.id, wallet: "v", unsigned, raw: "r", hash });
    hashes.push(hash);
  }
  const payout = { id, token: "USDC", attempts: Math.max(attempts, 1), wallet: "s", authorizedUntil: null };
  return { payout: { ...payout, createdAt: new Date() }, hashes };
}
const check = (chain: Chain, payout: Parameters<typeof requireUnsendable>[1]) =>
  requireUnsendable({ database: rows.database, chain }, payout);

describe("a payout nothing of which can land", () => {
  it("is one of which nothing was signed", async () => {
    const { payout } = await signed(0);
    await expect(check(chainWhere([]), payout)).resolves.toBeUndefined();
  });

  it("is one whose every transaction the chain proves dead, and each is marked so", async () => {
    const { payout, hashes } = await signed(2);
    await expect(check(chainWhere(hashes.slice(0, 1)), payout)).rejects.toMatchObject({
      ...{ code: "payout_may_land", members: { reason: "transaction_signed" } },
      message: expect.stringContaining(hashes[1] ?? ""),
    });
    await expect(check(chainWhere(hashes), payout)).resolves.toBeUndefined();
    const second = await findOutgoingByKey(rows.database, keyOfPayout({ id: payout.id, attempt: 2 }));
    expect(second).toMatchObject({ status: "expired" });
  });

  it("is none that was authorised where nobody can look it up", async () => {
    const { payout } = await signed(0);
    const authorized = { ...payout, wallet: null, authorizedUntil: new Date(0) };
    await expect(check(chainWhere([]), authorized)).rejects.toMatchObject({
      members: { reason: "settlement_wallet_unknown" },
    });
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Chain } from "../../../../../src/integrations/chains/chain.ts";
import { RpcUnavailable } from "../../../../../src/integrations/chains/errors.ts";
import type {
  LandedTransaction,
  PaymentReader,
  TransferFate,
} from "../../../../../src/integrations/chains/payments.ts";
import { registerChains } from "../../../../../src/integrations/chains/registry.ts";
import { readVerdict } from "../../../../../src/products/access/payments/settlement/chain-verdict.ts";
import { USDC } from "../../../../support/app.ts";
import { EVM, PRICE_UNITS, startDoubtWorld } from "../doubt/doubt-world.ts";

const NONCE = `0x${"ab".repeat(32)}`;
const authorization = { from: "0xFrom", to: "0xTo", value: "1", validAfter: "0", validBefore: "9", nonce: NONCE };
const landed: LandedTransaction = {
  ...{ transaction: "0xab", succeeded: true, block: 7, at: new Date(), memos: [], messageHash: null },
  credits: [{ token: USDC, owner: "0xTo", amountUnits: PRICE_UNITS }],
  debits: [{ token: USDC, owner: "0xFrom", amountUnits: PRICE_UNITS }],
  authorizations: [
    { token: USDC, authorizer: "0xFrom", nonce: NONCE, transfer: { to: "0xTo", amountUnits: PRICE_UNITS } },
  ],
};

const moving = (transfer: LandedTransaction["authorizations"][number]["transfer"]): LandedTransaction => ({
  ...landed,
  authorizations: landed.authorizations.map((each) => ({ ...each, transfer })),
});

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

/** What is said of a payment by a chain that answers like this; in the order in which it was asked. */
async function verdictOf(
  answers: { readonly fate: TransferFate | Error; readonly canLand: boolean; readonly seen?: LandedTransaction },
  change: { readonly transaction?: string } = {},
) {
  const asked: string[] = [];
  const payments: PaymentReader = {
    readLanded: async () => answers.seen,
    findTransfer: async () => {
      asked.push("search");
      if (answers.fate instanceof Error) throw answers.fate;
      return answers.fate;
    },
    canStillLand: async () => {
      asked.push("canLand");
      return answers.canLand;
    },
    whyNotToken: async () => undefined,
  };
  const [chain] = world.needs.accessChains.chains;
  if (chain === undefined) throw new Error("there is a chain");
  const scripted: Chain = { ...chain, payments };
  const needs = { ...world.needs, accessChains: registerChains([scripted]) };
  const facts = { network: EVM, payTo: "0xTo", payer: "0xFrom", payloadKey: `0xfrom:${NONCE}` };
  const payment = await world.submit({ ...facts, payload: { authorization }, ...change });
  await world.app
    .owner("access_payments")
    .where({ id: payment.id })
    .update({ payload_key: payment.id, transaction: null });
  const verdict = await readVerdict(needs, { payment, quotedAt: new Date(0), now: new Date() });
  return { verdict, asked };
}

describe("what the chain says of a payment in doubt", () => {
  it("is asked whether it can land before it is searched, so that what landed last is seen", async () => {
    const { verdict, asked } = await verdictOf({ fate: { kind: "absent" }, canLand: false });
    expect(verdict).toMatchObject({ kind: "failed", code: "payment_expired" });
    expect(asked).toEqual(["canLand", "search"]);
  });

  it("is nothing while it can land, or while the node does not answer", async () => {
    expect((await verdictOf({ fate: { kind: "absent" }, canLand: true })).verdict).toMatchObject({ kind: "open" });
    expect((await verdictOf({ fate: { kind: "spent" }, canLand: true })).verdict).toMatchObject({ kind: "open" });
    const silent = await verdictOf({ fate: new RpcUnavailable("local", "timeout"), canLand: false });
    expect(silent.verdict).toMatchObject({ kind: "silent" });
  });

  it("X08: needs people when the nonce is used and no transaction used it, or one that moved too little", async () => {
    const spent = await verdictOf({ fate: { kind: "spent" }, canLand: false });
    expect(spent.verdict).toMatchObject({ kind: "undecided", code: "authorization_spent" });
    const fate = { kind: "landed", transaction: "0xab" } as const;
    const short = await verdictOf({ fate, canLand: true, seen: moving({ to: "0xTo", amountUnits: 1n }) });
    expect(short.verdict).toMatchObject({ kind: "undecided", code: "settlement_short" });
    const unclear = await verdictOf({ fate, canLand: true, seen: moving(null) });
    expect(unclear.verdict).toMatchObject({ kind: "undecided", code: "settlement_unclear" });
  });

  it("X08: has failed when its payer used the nonce to pay somebody else, so the asset is not held by it", async () => {
    const fate = { kind: "landed", transaction: "0xab" } as const;
    const seen = moving({ to: "0xOther", amountUnits: PRICE_UNITS });
    const { verdict } = await verdictOf({ fate, canLand: true, seen });
    expect(verdict).toMatchObject({ kind: "failed", code: "authorization_used_otherwise" });
  });

  it("is settled by the transaction that the search found, and open until that is read", async () => {
    const fate = { kind: "landed", transaction: "0xab" } as const;
    expect((await verdictOf({ fate, canLand: true, seen: landed })).verdict).toEqual({
      kind: "settled",
      transaction: "0xab",
    });
    expect((await verdictOf({ fate, canLand: false })).verdict).toMatchObject({ kind: "open" });
  });

  it("is settled without a search by the transaction that was named, when that one proves to be it", async () => {
    const { verdict, asked } = await verdictOf(
      { fate: { kind: "absent" }, canLand: false, seen: landed },
      { transaction: "0xab" },
    );
    expect(verdict).toEqual({ kind: "settled", transaction: "0xab" });
    expect(asked).toEqual([]);
  });
});

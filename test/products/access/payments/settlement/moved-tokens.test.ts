import { describe, expect, it } from "vitest";
import { type LandedTransaction, netMovements } from "../../../../../src/integrations/chains/payments.ts";
import { movedBySigned, movedByTransfer } from "../../../../../src/products/access/payments/settlement/moved-tokens.ts";

const token = "USDC";
const payTo = "Shop";

type Move = { readonly from: string; readonly to: string; readonly units: bigint; readonly nonce?: string };

/** A transaction that made these moves; those with a nonce by an authorization. */
function landedOf(moves: readonly Move[], change: Partial<LandedTransaction> = {}): LandedTransaction {
  const movements = moves.flatMap(({ from, to, units }) => [
    { token, owner: from, amountUnits: -units },
    { token, owner: to, amountUnits: units },
  ]);
  const authorizations = moves.flatMap(({ from, to, units, nonce }) =>
    nonce === undefined ? [] : [{ token, authorizer: from, nonce, transfer: { to, amountUnits: units } }],
  );
  return {
    ...{ transaction: "0xab", succeeded: true, block: 7, at: new Date(), memos: [], messageHash: null },
    ...netMovements(movements),
    authorizations,
    ...change,
  };
}

const signed = (moves: readonly Move[], payloadKey: string, payer = "Ann") =>
  movedBySigned(landedOf(moves), { token, payTo, payer, payloadKey });
const claimed = (moves: readonly Move[]) => movedByTransfer(landedOf(moves), { token, payTo });

describe("what a signed payment moved on EVM", () => {
  it("is what its own authorization moved, whatever others in the transaction did", () => {
    const both = [
      { from: "Ann", to: payTo, units: 5n, nonce: "0x1" },
      { from: "Bob", to: payTo, units: 7n, nonce: "0x2" },
    ];
    expect(signed(both, "ann:0x1")).toMatchObject({ kind: "moved", payer: "Ann", paidUnits: 5n });
    expect(signed(both, "bob:0x2", "Bob")).toMatchObject({ kind: "moved", payer: "Bob", paidUnits: 7n });
    expect(signed(both, "ann:0x2")).toMatchObject({ code: "settlement_foreign" });
  });

  it("is none of another's money, where its payer used the nonce for a transfer to itself beside it", () => {
    const moves = [
      { from: "Ann", to: "Ann", units: 5n, nonce: "0x1" },
      { from: "Bob", to: payTo, units: 5n, nonce: "0x2" },
    ];
    expect(signed(moves, "ann:0x1")).toMatchObject({ code: "authorization_used_otherwise" });
    const toItself = [{ from: payTo, to: payTo, units: 5n, nonce: "0x1" }];
    expect(signed(toItself, "shop:0x1", payTo)).toMatchObject({ code: "authorization_used_otherwise" });
  });

  it("is its own also where the wallet gave as much away in the same transaction", () => {
    const moves = [
      { from: "Ann", to: payTo, units: 5n, nonce: "0x1" },
      { from: payTo, to: "Bob", units: 9n, nonce: "0x2" },
    ];
    expect(signed(moves, "ann:0x1")).toMatchObject({ kind: "moved", paidUnits: 5n });
  });

  it("is nothing where it failed, or where the token does not say what it moved", () => {
    const moves = [{ from: "Ann", to: payTo, units: 5n, nonce: "0x1" }];
    const payment = { token, payTo, payer: "Ann", payloadKey: "ann:0x1" };
    const silent = [{ token, authorizer: "Ann", nonce: "0x1", transfer: null }];
    expect(movedBySigned(landedOf([], { succeeded: false }), payment)).toMatchObject({ code: "transaction_failed" });
    expect(movedBySigned(landedOf(moves, { authorizations: silent }), payment)).toMatchObject({
      code: "settlement_unclear",
    });
  });
});

describe("what a PAY2 transfer moved on EVM", () => {
  it("is the rest of the transaction beside what authorizations moved, of its payer or of others", () => {
    for (const owner of ["Ann", "Bob"]) {
      const mixed = [
        { from: "Ann", to: payTo, units: 5n },
        { from: owner, to: payTo, units: 700n, nonce: "0x2" },
      ];
      expect(claimed(mixed)).toEqual({ kind: "moved", payer: "Ann", paidUnits: 5n, authorization: null });
    }
  });

  it("is the payment of the one authorization that paid the wallet, under that one's key", () => {
    const moves = [
      { from: "Ann", to: payTo, units: 5n, nonce: "0xA" },
      { from: "Bob", to: "Elsewhere", units: 9n, nonce: "0x2" },
    ];
    expect(claimed(moves)).toEqual({ kind: "moved", payer: "Ann", paidUnits: 5n, authorization: "ann:0xa" });
  });

  it("is nothing where several authorizations paid the wallet, or where it is not said what one moved", () => {
    const several = [
      { from: "Ann", to: payTo, units: 5n, nonce: "0x1" },
      { from: "Ann", to: payTo, units: 5n, nonce: "0x2" },
    ];
    expect(claimed(several)).toMatchObject({ code: "transfer_by_others" });
    const authorizations = [{ token, authorizer: "Bob", nonce: "0x1", transfer: null }];
    const unclear = landedOf([{ from: "Ann", to: payTo, units: 5n }], { authorizations });
    expect(movedByTransfer(unclear, { token, payTo })).toMatchObject({ code: "transfer_unclear" });
  });

  it("is what its payer must have given, where others gave in the same transaction", () => {
    const two = [
      { from: "Ann", to: payTo, units: 9n },
      { from: "Bob", to: payTo, units: 4n },
    ];
    expect(claimed(two)).toMatchObject({ payer: "Ann", paidUnits: 9n });
    const elsewhere = [
      { from: "Ann", to: "Elsewhere", units: 9n },
      { from: "Bob", to: payTo, units: 4n },
    ];
    expect(claimed(elsewhere)).toMatchObject({ code: "transfer_by_others" });
  });

  it("is nothing where nobody was paid, nobody gave, or it failed", () => {
    expect(claimed([{ from: "Ann", to: "Elsewhere", units: 9n }])).toMatchObject({ code: "settlement_elsewhere" });
    const credits = [{ token, owner: payTo, amountUnits: 1n }];
    expect(movedByTransfer(landedOf([], { credits }), { token, payTo })).toMatchObject({
      code: "settlement_without_payer",
    });
    expect(movedByTransfer(landedOf([], { succeeded: false }), { token, payTo })).toMatchObject({
      code: "transaction_failed",
    });
  });
});

describe("what a message on Solana moved", () => {
  const moves = [{ from: "Ann", to: payTo, units: 5n }];
  const landed = landedOf(moves, { messageHash: "hash" });

  it("is all that came to the wallet, for the payment that is the message", () => {
    const payment = { token, payTo, payer: "Ann", payloadKey: "hash" };
    expect(movedBySigned(landed, payment)).toMatchObject({ payer: "Ann", paidUnits: 5n, authorization: null });
    expect(movedBySigned(landed, { ...payment, payloadKey: "other" })).toMatchObject({ code: "settlement_foreign" });
    expect(movedByTransfer(landed, { token, payTo })).toMatchObject({ payer: "Ann", paidUnits: 5n });
  });

  it("is nothing where it failed or paid another wallet", () => {
    const payment = { token, payTo, payer: "Ann", payloadKey: "hash" };
    expect(movedBySigned({ ...landed, succeeded: false }, payment)).toMatchObject({ code: "transaction_failed" });
    expect(movedBySigned(landed, { ...payment, payTo: "Other" })).toMatchObject({ code: "settlement_elsewhere" });
  });
});

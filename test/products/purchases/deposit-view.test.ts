import { expect, it } from "vitest";
import type { Deposit } from "../../../src/integrations/chains/deposits/deposit-store.ts";
import { localNetwork } from "../../../src/integrations/chains/evm/networks.ts";
import { showDeposit } from "../../../src/products/purchases/deposit-view.ts";

const USDC = "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913";
const network = localNetwork({ usdc: USDC });
const at = new Date("2026-03-01T00:00:00Z");

function deposit(change: Partial<Deposit>): Deposit {
  return {
    id: "dep_1",
    chain: network.id,
    token: USDC,
    transactionHash: `0x${"1".repeat(64)}`,
    logIndex: 0,
    blockNumber: 5,
    blockHash: `0x${"2".repeat(64)}`,
    fromAddress: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    address: "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC",
    amountUnits: 2_500_000n,
    announcedUnits: null,
    kind: "token",
    status: "confirmed",
    waitingFor: null,
    depositAddressId: "da_1",
    account: "purchase/pur_1",
    sweepId: null,
    observedAt: at,
    confirmedAt: at,
    entryId: "je_1",
    credits: 1,
    doubtedBlock: null,
    finalAt: null,
    assignedFrom: null,
    ...change,
  };
}

it("says of every state what is credited, on what kind of account, and why, each in its own words", () => {
  const states: readonly Partial<Deposit>[] = [
    { status: "observed", waitingFor: "confirmations" },
    { status: "observed", waitingFor: "balance_short" },
    { status: "observed", waitingFor: "providers_disagree" },
    { status: "observed", waitingFor: "provider_unavailable" },
    { status: "observed", waitingFor: "invalid_entry" },
    {},
    { waitingFor: "block_replaced" },
    { assignedFrom: "suspense/wrong-token" },
    { announcedUnits: 3_000_000n },
    { status: "suspense", waitingFor: "wrong-token" },
    { status: "suspense", waitingFor: "unknown-token" },
    { status: "suspense", waitingFor: "native-coin" },
    { status: "suspense", waitingFor: "wrong-address" },
    { status: "orphaned", waitingFor: "block_replaced" },
    { status: "orphaned", waitingFor: "nothing_arrived" },
    { status: "reversed", waitingFor: "block_replaced" },
    { status: "refunded" },
  ];
  const shown = states.map((change) => showDeposit(network, deposit(change)));
  expect(new Set(shown.map(({ note }) => note)).size).toBe(states.length);
  for (const { status, credited, account_kind } of shown) {
    expect([status, credited]).toEqual([status, status === "confirmed" ? "2.5" : "0"]);
    const kinds: Readonly<Record<string, string>> = { confirmed: "balance", suspense: "suspense" };
    expect(account_kind).toBe(kinds[status] ?? "none");
  }
});

it("says that dust is credited although it stays where it is", () => {
  const [usdc] = network.tokens;
  if (usdc === undefined) throw new Error("no token");
  const choosy = { ...network, tokens: [{ ...usdc, minimumSweepUnits: 10_000n }] };
  const shown = showDeposit(choosy, deposit({ amountUnits: 9_999n }));
  expect(shown).toMatchObject({ status: "confirmed", credited: "0.009999" });
  expect(shown.note).toContain("too small to be moved on by itself");
});

it("promises a refund only where there are dollars in the books and a sender", () => {
  const suspense = { status: "suspense", waitingFor: "wrong-token" } as const;
  expect(showDeposit(network, deposit(suspense)).refundable).toBe(true);
  expect(showDeposit(network, deposit({ ...suspense, entryId: null })).refundable).toBe(false);
  expect(showDeposit(network, deposit({ ...suspense, kind: "native_coin" }))).toMatchObject({
    refundable: false,
    from: null,
    transaction_hash: null,
    token: "ETH",
  });
  expect(showDeposit(network, deposit({})).refundable).toBe(false);
});

it("shows a token without a price in base units and no dollars", () => {
  const unknown = deposit({ kind: "unknown_token", token: `0x${"9".repeat(40)}`, status: "suspense", entryId: null });
  expect(showDeposit(network, unknown)).toMatchObject({ amount: null, token: null, amount_units: "2500000" });
});

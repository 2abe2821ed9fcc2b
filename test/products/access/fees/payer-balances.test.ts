import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readBalance } from "../../../../src/ledger/balances.ts";
import { accounts } from "../../../../src/ledger/chart-of-accounts.ts";
import { accessUnserved, balanceSpent } from "../../../../src/ledger/postings/access.ts";
import { parseDollars, ZERO } from "../../../../src/money/nanodollars.ts";
import {
  balanceToSpend,
  ensurePayerBalance,
  payerKindOf,
  readPayerBalance,
} from "../../../../src/products/access/fees/payer-balances.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const address = "0xAbCdEf0123456789aBcDeF0123456789AbCdEf01";
let payments = 0;

async function give(merchantId: string, mode: "direct" | "custodial", dollars: string) {
  payments += 1;
  const account = await ensurePayerBalance(world.database, { merchantId, kind: "evm", address, mode });
  const payment = { paymentId: `given_${payments}`, merchantId, mode, network: "eip155:8453", token: "USDC" };
  await world.ledger.post(accessUnserved({ ...payment, account, amount: parseDollars(dollars) }));
  return account;
}

describe("a payer's balance", () => {
  it("is good at its merchant only, whatever the spelling of the address", async () => {
    const [merchantId, other] = [await world.merchant(), await world.merchant()];
    await give(merchantId, "direct", "2");
    const lower = { merchantId, kind: "evm", address: address.toLowerCase() } as const;
    expect(await readPayerBalance(world.database, lower)).toEqual({
      total: parseDollars("2"),
      direct: parseDollars("2"),
      custodial: ZERO,
    });
    expect((await readPayerBalance(world.database, { ...lower, merchantId: other })).total).toBe(0n);
  });

  it("is opened once by callers that open it at the same time", async () => {
    const merchantId = await world.merchant();
    const open = () => ensurePayerBalance(world.database, { merchantId, kind: "evm", address, mode: "direct" });
    const names = await Promise.all([open(), open(), open(), open()]);
    expect(new Set(names).size).toBe(1);
  });

  it("is spent from the account that has enough, in the mode its tokens are in, and never twice", async () => {
    const merchantId = await world.merchant();
    await give(merchantId, "direct", "1");
    const custodial = await give(merchantId, "custodial", "3");
    const payer = { merchantId, kind: "evm", address } as const;
    const gross = parseDollars("2");
    expect(await balanceToSpend(world.database, { ...payer, gross })).toEqual({
      account: custodial,
      mode: "custodial",
    });
    expect((await balanceToSpend(world.database, { ...payer, gross: parseDollars("1") }))?.mode).toBe("direct");
    expect(await balanceToSpend(world.database, { ...payer, gross: parseDollars("3.5") })).toBeNull();
    const spend = (paymentId: string) =>
      balanceSpent({ paymentId, merchantId, mode: "custodial", account: custodial, gross, fee: parseDollars("0.04") });
    const [first, second] = [spend("pay_a"), spend("pay_b")];
    if (first === null || second === null) throw new Error("nothing would be posted");
    await world.ledger.post(first);
    await expect(world.ledger.post(second)).rejects.toMatchObject({ code: "insufficient_funds" });
    const owed = await readBalance(world.database, accounts.merchantPayable(merchantId));
    expect(owed.available).toBe(parseDollars("1.96"));
  });

  it("knows the kind of an address", () => {
    expect([payerKindOf(address), payerKindOf("So11111111111111111111111111111111111111112")]).toEqual([
      "evm",
      "solana",
    ]);
  });
});

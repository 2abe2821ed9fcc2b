import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  accounts,
  isHeld,
  isMaterialised,
  normalSide,
  ownerOf,
  parseAccountName,
} from "../../src/ledger/chart-of-accounts.ts";
import { type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const account = accounts.purchase("pur_1");
const minted = [
  account,
  accounts.tenant("ten_1"),
  accounts.credit("cus_1"),
  accounts.merchantPayable("mer_1"),
  accounts.held(account),
  accounts.payer("mer_1", "solana:9xQeWv"),
  accounts.grant(account, "gr_1"),
  accounts.depositWallet("eip155:8453", "usdc"),
  accounts.sweepInTransit("base", "usdc"),
  accounts.treasury("base", "usdc"),
  accounts.settlementWallet("base", "usdc"),
  accounts.gasTank("base"),
  accounts.networkCost("base"),
  accounts.revenue("gateway"),
  accounts.platformFee("access"),
  accounts.costOfGoods("aws"),
  accounts.upstreamPayable("aws"),
  accounts.receivable("mer_1"),
  accounts.payoutInTransit("base", "usdc"),
  accounts.stripeClearing(),
  accounts.suspense("late"),
  accounts.ownerFunds("base", "usdc"),
  accounts.promotions(),
  accounts.badDebt("purchases"),
];

describe("the chart of accounts", () => {
  it("says the same in the code and in the database: every class, its side and whether it has a balance row", async () => {
    const { rows } = await world.database.raw("SELECT class, type, materialised FROM account_classes ORDER BY class");
    const stored = rows.map((row: { class: string; type: string; materialised: boolean }) => [
      row.class,
      ["asset", "expense"].includes(row.type) ? "debit" : "credit",
      row.materialised,
    ]);
    const coded = minted.map((name) => [name.split("/")[0], normalSide(name), isMaterialised(name)]);
    expect(stored).toEqual(coded.sort(([a], [b]) => (`${a}` < `${b}` ? -1 : 1)));
  });

  it("reads back every name it mints", () => {
    for (const name of minted) expect(parseAccountName(name)).toBe(name);
  });

  it("knows whose funds a held account holds", () => {
    expect([ownerOf(accounts.held(account)), ownerOf(account), isHeld(account)]).toEqual([account, account, false]);
  });

  it.each(["", "..", "a/b", "a b", "'; --", "é", "x".repeat(129), "-a", "\n"])(
    "refuses %j as a part of a name",
    (part) => {
      expect(() => accounts.purchase(part)).toThrow(RangeError);
    },
  );

  it.each(["", "nonsense/1", "purchase", "purchase/", "/x", "purchase/a b"])("refuses %j as a name", (name) => {
    expect(() => parseAccountName(name)).toThrow(RangeError);
  });
});

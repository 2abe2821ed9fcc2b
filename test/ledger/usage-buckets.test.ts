import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountName } from "../../src/ledger/chart-of-accounts.ts";
import { usageMetered } from "../../src/ledger/postings/usage.ts";
import {
  type BucketPlace,
  type BucketWidth,
  readUsageBuckets,
  startOfBucket,
  type UsageBucket,
  type UsagePage,
} from "../../src/ledger/usage-buckets.ts";
import { nanodollars } from "../../src/money/nanodollars.ts";
import { fundedAccount, type LedgerWorld, startLedgerWorld } from "./ledger-world.ts";

let world: LedgerWorld;
beforeAll(async () => {
  world = await startLedgerWorld();
});
afterAll(() => world.close());

const WIDTHS: readonly BucketWidth[] = ["hour", "day", "week", "month", "year"];
const FROM = new Date("2000-01-01T00:00:00Z");
const TO = new Date("2100-01-01T00:00:00Z");

type Use = { readonly at: Date; readonly unit: string; readonly quantity: string; readonly amount: bigint };

async function used(uses: readonly Use[]) {
  const account = await fundedAccount(world, { dollars: "1000" });
  await Promise.all(
    uses.map((use, position) =>
      world.ledger.post(
        usageMetered({
          account,
          family: "purchases",
          eventId: `e${position}`,
          amount: nanodollars(use.amount),
          quantity: use.quantity,
          unit: use.unit,
          occurredAt: use.at,
        }),
      ),
    ),
  );
  return account;
}

async function readAll(account: AccountName, width: BucketWidth, limit: number): Promise<readonly UsageBucket[]> {
  const all: UsageBucket[] = [];
  const question = { account, width, from: FROM, to: TO, unit: null, limit };
  let after: BucketPlace | null = null;
  do {
    const page: UsagePage = await readUsageBuckets(world.database, { ...question, after });
    expect(page.buckets.length).toBeLessThanOrEqual(limit);
    all.push(...page.buckets);
    after = page.next;
  } while (after !== null);
  return all;
}

describe("readUsageBuckets", () => {
  it("sums to what the journal charged, in every width and page size, each unit by itself", async () => {
    const use = fc.record({
      at: fc.date({
        min: new Date("2019-06-01T00:00:00Z"),
        max: new Date("2027-06-01T00:00:00Z"),
        noInvalidDate: true,
      }),
      unit: fc.constantFrom("GB", "gb", "1000_WRITES", "ä", "=x"),
      quantity: fc.constantFrom("0.000000001", "0.1", "0.2", "3", "999999999999999.999999999"),
      amount: fc.bigInt({ min: 1n, max: 1_000_000_000n }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(use, { minLength: 1, maxLength: 25 }),
        fc.integer({ min: 1, max: 7 }),
        async (uses, limit) => {
          const account = await used(uses);
          for (const width of WIDTHS) {
            const buckets = await readAll(account, width, limit);
            expect(keysOf(buckets)).toEqual(
              [...new Set(keysOf(uses.map((each) => ({ ...each, bucket: startOfBucket(each.at, width) }))))].sort(),
            );
            expect(sum(buckets.map(({ amount }) => amount))).toBe(await charged(account));
            expect(sum(buckets.map(({ quantity }) => billionths(quantity)))).toBe(
              sum(uses.map(({ quantity }) => billionths(quantity))),
            );
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("takes the beginning of a range and leaves its end out", async () => {
    const moments = ["2026-03-01T00:00:00Z", "2026-03-01T23:59:59.999Z", "2026-03-02T00:00:00Z"];
    const account = await used(moments.map((at) => ({ at: new Date(at), unit: "GB", quantity: "1", amount: 1n })));
    const range = { from: new Date("2026-03-01T00:00:00Z"), to: new Date("2026-03-02T00:00:00Z") };
    const question = { account, width: "day", unit: null, after: null, limit: 10 } as const;
    const { buckets } = await readUsageBuckets(world.database, { ...question, ...range });
    expect(buckets).toEqual([{ bucket: range.from, unit: "GB", quantity: "2", amount: 2n }]);
    expect((await readUsageBuckets(world.database, { ...question, ...range, unit: "TB" })).buckets).toEqual([]);
  });

  it("steps over years without usage", async () => {
    const moments = ["2001-01-01T00:00:00Z", "2099-12-31T23:00:00Z"];
    const account = await used(moments.map((at) => ({ at: new Date(at), unit: "GB", quantity: "1", amount: 1n })));
    expect(await readAll(account, "hour", 1)).toHaveLength(2);
  });
});

describe("startOfBucket", () => {
  it("begins weeks on Monday and knows leap days and year ends", () => {
    const at = (text: string, width: BucketWidth) => startOfBucket(new Date(text), width).toISOString().slice(0, 13);
    expect(at("2026-01-01T12:34:56Z", "week")).toBe("2025-12-29T00");
    expect(at("2025-12-28T23:59:59Z", "week")).toBe("2025-12-22T00");
    expect(at("2024-02-29T23:59:59Z", "day")).toBe("2024-02-29T00");
    expect(at("2024-02-29T23:59:59Z", "hour")).toBe("2024-02-29T23");
    expect(at("2024-12-31T23:59:59Z", "month")).toBe("2024-12-01T00");
    expect(at("2024-12-31T23:59:59Z", "year")).toBe("2024-01-01T00");
  });
});

function keysOf(buckets: readonly { readonly bucket: Date; readonly unit: string }[]): readonly string[] {
  return buckets.map(({ bucket, unit }) => `${bucket.toISOString()} ${unit}`).sort();
}

async function charged(account: string): Promise<bigint> {
  const { rows } = await world.database.raw<{ rows: { sum: string }[] }>(
    `SELECT sum(j.amount)::text FROM journal j JOIN ledger_accounts a ON a.id = j.debit_account
     JOIN entry_kinds k ON k.id = j.kind WHERE a.name = ? AND k.name = 'usage_metered'`,
    [account],
  );
  return BigInt(rows[0]?.sum ?? "0");
}

function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function billionths(text: string): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0"));
}

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { newId } from "../../../../src/platform/ids.ts";
import {
  insertInvoice,
  markInvoiceRow,
  selectInvoice,
  selectInvoicedUpTo,
  selectInvoiceLines,
  selectInvoices,
  selectMerchantsToInvoice,
} from "../../../../src/products/access/fees/invoice-store.ts";
import { type FeesWorld, startFeesWorld } from "./fees-world.ts";

let world: FeesWorld;
beforeAll(async () => {
  world = await startFeesWorld();
});
afterAll(() => world.close());

const [MAY, JUNE] = [new Date("2026-05-01T00:00:00Z"), new Date("2026-06-01T00:00:00Z")];
const due = (until: Date) => selectMerchantsToInvoice(world.database, { until, after: "", limit: 100 });
const upTo = (merchantId: string) => selectInvoicedUpTo(world.database, merchantId);

async function invoice(merchantId: string) {
  const lines = await selectInvoiceLines(world.database, { merchantId, from: MAY, to: JUNE });
  const facts = { id: newId("inv"), merchantId, month: "2026-05-01", coversFrom: MAY, coversTo: JUNE, lines };
  return { ...facts, amount: parseDollars("0.02"), issuedAt: new Date("2026-06-02T00:00:00Z") };
}

describe("invoices", () => {
  it("are kept once a month, with lines that read back as they were summed", async () => {
    const merchantId = await world.merchant();
    await world.sell({ merchantId, units: 1_000_001n, at: MAY });
    const first = await invoice(merchantId);
    expect(await insertInvoice(world.database, first)).toBe(true);
    expect(await insertInvoice(world.database, { ...first, id: newId("inv") })).toBe(false);
    const stored = await selectInvoice(world.database, { id: first.id });
    expect(stored).toEqual({ ...first, status: "open", reference: null, paidAt: null });
    expect(stored?.lines).toMatchObject([{ payments: 1, grossUnits: 1_000_001n }]);
  });

  it("name who has sales that none covers, and where the next begins", async () => {
    const merchantId = await world.merchant();
    expect(await upTo(merchantId)).toBeUndefined();
    const at = new Date("2026-05-10T10:00:00Z");
    await world.sell({ merchantId, units: 1_000_000n, at });
    expect(await upTo(merchantId)).toEqual({ at, isInvoiced: false });
    expect(await due(at)).not.toContain(merchantId);
    expect(await due(JUNE)).toContain(merchantId);
    await insertInvoice(world.database, await invoice(merchantId));
    expect(await upTo(merchantId)).toEqual({ at: JUNE, isInvoiced: true });
    expect(await due(new Date("2026-07-01T00:00:00Z"))).not.toContain(merchantId);
  });

  it("are paid once: a second word changes nothing", async () => {
    const merchantId = await world.merchant();
    const { id } = await invoice(merchantId).then(async (drawn) => {
      await insertInvoice(world.database, drawn);
      return drawn;
    });
    for (const reference of ["SEPA 1", "SEPA 2"]) await markInvoiceRow(world.database, { id, reference, at: JUNE });
    expect(await selectInvoice(world.database, { id })).toMatchObject({ status: "paid", reference: "SEPA 1" });
    const query = { merchantId, before: null, limit: 9 };
    expect(await selectInvoices(world.database, { ...query, status: "open" })).toEqual([]);
    expect(await selectInvoices(world.database, { ...query, status: "paid" })).toMatchObject([{ id }]);
    expect(await selectInvoices(world.database, { ...query, status: null, before: id })).toEqual([]);
  });
});

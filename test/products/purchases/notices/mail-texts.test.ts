import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseDollars } from "../../../../src/money/nanodollars.ts";
import { isMailed, mailText } from "../../../../src/products/purchases/notices/mail-texts.ts";
import type { ToldPurchase } from "../../../../src/products/purchases/notices/told-purchase.ts";
import { readToldPurchase } from "../../../../src/products/purchases/notices/told-purchase.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sell } from "../sales.ts";

const VENDOR = { name: "Shop", publicUrl: "https://shop.example", supportUrl: "https://shop.example/help" };

let app: TestApp;
let told: ToldPurchase;
beforeAll(async () => {
  app = await startTestApp();
  const found = await readToldPurchase(app.database, (await sell(app, "5")).purchaseId);
  if (found === null) throw new Error("nothing was sold");
  told = { ...found, balance: parseDollars("0.000000001") };
});
afterAll(() => app.close());

function mail(type: string, data: Readonly<Record<string, string | number>> = {}, change: Partial<ToldPurchase> = {}) {
  const about = { id: "evt_1", purchaseId: told.purchase.id, key: type, notify: true, deliveredAt: null };
  const event = { ...about, type, data, occurredAt: new Date("2026-11-21T12:00:00Z") };
  return mailText(VENDOR, { ...told, ...change, event });
}

describe("mailText", () => {
  it.each([
    ["purchase.balance_low", { balance: "0.123456789", trigger: "2.5" }, ["0.123456789 USD", "(2.5 USD)"]],
    ["purchase.balance_critical", { balance: "0.4", trigger: "0.5" }, ["0.4 USD", "(0.5 USD)", "At 0.05 USD"]],
    ["purchase.balance_exhausted", { grace_ends_at: "2026-11-24T12:00:00Z" }, ["deleted at 2026-11-24T12:00:00Z"]],
    ["purchase.grace_reminder", { grace_ends_at: "2026-11-24T12:00:00Z" }, ["reminder", "2026-11-24T12:00:00Z"]],
    ["purchase.terminating", {}, ["cannot be undone"]],
    ["purchase.terminated", { balance: "0.04" }, ["0.04 USD were left"]],
    ["purchase.refunded", { amount: "3.21" }, ["3.21 USD went back"]],
    ["purchase.refunded", { amount: "3.21", kept: "0.05" }, ["0.05 USD stay"]],
    ["purchase.refunding", { amount: "3.21", kept: "0.05" }, ["3.21 USD go back", "0.05 USD stay"]],
    ["purchase.deletion_blocked", { retain_until: "2027-01-01T00:00:00Z" }, ["locked", "2027-01-01T00:00:00Z"]],
    ["purchase.deletion_blocked", { legal_holds: 2 }, ["a legal hold"]],
    ["purchase.customer_key_replaced", { generation: 2 }, ["If you did not ask for that"]],
    ["purchase.suspended", {}, ["read and not written"]],
    ["purchase.resumed", {}, ["works as before"]],
    ["purchase.deposit_reversed", { transaction_hash: "0xabc" }, ["0xabc", "taken back"]],
    ["purchase.deposit_in_suspense", { reason: "wrong-token" }, ["(wrong-token)", "kept apart"]],
    ["purchase.recovered", {}, ["in time"]],
    ["purchase.active", {}, ["ready to use"]],
  ])("%s: says what happened, with exact amounts and times", (type, data, texts) => {
    const text = mail(type, data)?.text;
    for (const expected of [
      ...texts,
      "At 2026-11-21T12:00:00.000Z",
      `https://shop.example/purchase/${told.purchase.id}`,
    ])
      expect(text).toContain(expected);
  });

  it("C08: names the address this server made for the checkout, and none that an event brought along", () => {
    const poisoned = "0x29BE3EdaEB8fc950Fc3822f4736B89A459Df4900";
    const text = mail("purchase.balance_low", { balance: "1", from: poisoned, address: poisoned })?.text;
    expect(text).toContain(told.checkout.depositAddress);
    expect(text).not.toContain(poisoned);
    expect(text).toContain("0.000000001 USD as this is written");
  });

  it("asks nobody for money that would not help any more", () => {
    for (const type of ["purchase.terminating", "purchase.terminated", "purchase.refunded", "purchase.cancelled"])
      expect(mail(type)?.text).not.toContain(told.checkout.depositAddress);
  });

  it("has a subject of one short line, whatever the offer is called", () => {
    const title = `A\r\nBcc: all@example.com\u2028${"x".repeat(400)}`;
    const subject = mail("purchase.active", {}, { purchase: { ...told.purchase, title } })?.subject ?? "";
    expect(subject).not.toMatch(/[\r\n\u2028]/);
    expect(subject.length).toBeLessThanOrEqual(150);
  });

  it("is written for what matters to a customer, and for nothing else", () => {
    expect(isMailed("purchase.balance_low")).toBe(true);
    expect(isMailed("purchase.notice_levels_set")).toBe(false);
    expect(mail("purchase.notice_levels_set")).toBeNull();
    expect(isMailed("constructor")).toBe(false);
  });
});

import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { allowedHost, parseAllowedHost } from "../../../src/integrations/officex/allowed-hosts.ts";
import type { PurchaseRecord } from "../../../src/integrations/officex/purchase-records.ts";
import {
  recordBody,
  sendInboxNotice,
  updatePurchaseRecord,
} from "../../../src/integrations/officex/purchase-records.ts";
import { startTestOfficex } from "../../support/officex.ts";

const officex = await startTestOfficex();
beforeEach(() => officex.fail({}));
afterAll(() => officex.stop());

const listed = parseAllowedHost(officex.host);
const host = listed === undefined ? undefined : allowedHost([listed], officex.host);
if (host === undefined) throw new Error("the stand-in's host cannot be listed");
const organisation = { host, ...officex.org };
const record: PurchaseRecord = {
  id: "PurchaseID_1",
  title: "A bucket",
  status: "RUNNING",
  pricing: "$0.03 per GB-month",
  vendorNotes: "In use. Balance 5 USD.",
  billingUrl: "https://shop.example/purchase/pur_1",
  supportUrl: null,
};

describe("updatePurchaseRecord", () => {
  it("writes the state into the record OfficeX keeps", async () => {
    await officex.createRecord(record.id);
    expect(await updatePurchaseRecord({}, { organisation, record })).toMatchObject({ outcome: "delivered" });
    expect((await officex.told()).records[record.id]).toEqual({
      id: "PurchaseID_1",
      title: "A bucket",
      status: "RUNNING",
      pricing: "$0.03 per GB-month",
      vendor_notes: "In use. Balance 5 USD.",
      billing_url: "https://shop.example/purchase/pur_1",
    });
  });

  it("is accepted with texts of any length: cut to the limits, never within a character, and no address is halved", async () => {
    const endless = "🪣".repeat(2_000);
    const long = {
      ...record,
      title: endless,
      pricing: endless,
      vendorNotes: endless,
      billingUrl: `https://h.example/${endless}`,
    };
    expect(await updatePurchaseRecord({}, { organisation, record: long })).toMatchObject({ outcome: "delivered" });
    const body = recordBody(long);
    expect([body.title?.length, body.vendor_notes?.length, body.billing_url]).toEqual([255, 1023, undefined]);
    expect(Object.values(body).every((text) => !/\p{Surrogate}/u.test(text))).toBe(true);
  });

  it("says that a record is not there yet, and that a key is not accepted", async () => {
    const unknown = { ...record, id: "PurchaseID_unknown" };
    expect(await updatePurchaseRecord({}, { organisation, record: unknown })).toMatchObject({ outcome: "not_found" });
    const other = officex.addOrganisation("DriveID_other");
    const wrong = { ...organisation, apiKey: other.apiKey };
    expect(await updatePurchaseRecord({}, { organisation: wrong, record })).toMatchObject({ outcome: "refused" });
  });
});

describe("sendInboxNotice", () => {
  it("arrives with its topic, and with as much of its payload as OfficeX takes", async () => {
    const payload = {
      event_id: "evt_1",
      ...Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`n${n}`, "x".repeat(999)])),
    };
    const notice = { topic: "purchase.balance_low", payload };
    expect(await sendInboxNotice({}, { organisation, notice })).toMatchObject({ outcome: "delivered" });
    expect((await officex.told()).inbox).toMatchObject([
      { topic: "purchase.balance_low", payload: { event_id: "evt_1" } },
    ]);
  });
});

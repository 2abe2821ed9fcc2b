import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listAttempts } from "../../../../src/integrations/notifications/delivery-log-store.ts";
import { openDeliverySlots } from "../../../../src/integrations/notifications/delivery-slots.ts";
import { parseAllowedHost } from "../../../../src/integrations/officex/allowed-hosts.ts";
import { listEvents } from "../../../../src/products/purchases/event-store.ts";
import { finishPhase } from "../../../../src/products/purchases/finish-phase.ts";
import { findOfficexRecord } from "../../../../src/products/purchases/notices/officex-record-store.ts";
import type { OfficexNeeds } from "../../../../src/products/purchases/notices/tell-officex.ts";
import { noticeOfficex, updateOfficex } from "../../../../src/products/purchases/notices/tell-officex.ts";
import { readPurchaseView } from "../../../../src/products/purchases/purchase-view.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { startTestOfficex, type TestOfficex } from "../../../support/officex.ts";
import { advance, charge, exhaust, finalize, initiate, lifecycleNeeds, pay, provision } from "../sales.ts";

let app: TestApp;
let officex: TestOfficex;
beforeAll(async () => {
  app = await startTestApp();
  officex = await startTestOfficex();
});
beforeEach(() => officex.fail({}));
afterAll(async () => {
  await officex.stop();
  await app.close();
});

const needs = (change: Partial<OfficexNeeds> = {}): OfficexNeeds => ({
  ...app.context,
  slots: openDeliverySlots(),
  officexHosts: [parseAllowedHost(officex.host)].flatMap((entry) => entry ?? []),
  vendor: { name: "Shop", publicUrl: "https://shop.example", supportUrl: null },
  ...change,
});

const organisation = () => ({ orgId: officex.org.orgId, orgApiKey: officex.org.apiKey, host: officex.host });
let sales = 0;

/** A purchase of 5 dollars whose buyer gave an organisation; its record exists unless `isUnrecorded`. */
async function sellTo(
  buyer: { readonly host?: string; readonly orgApiKey?: string } = {},
  options: { readonly orgHost?: string; readonly isUnrecorded?: boolean } = {},
) {
  sales += 1;
  const recordId = `PurchaseID_${sales}`;
  if (options.isUnrecorded !== true) await officex.createRecord(recordId);
  const session = await initiate(app, { ...organisation(), ...buyer });
  await pay(app, session, "5");
  const orgHost = options.orgHost ?? null;
  const { purchase } = await finalize(app, session, {
    officexPurchaseId: recordId,
    buyer: { orgId: null, orgHost, userId: null },
  });
  await provision(app, purchase.id);
  return { ...session, purchaseId: purchase.id, recordId, customerKey: "", vendorKey: "" };
}

type Sold = Awaited<ReturnType<typeof sellTo>>;

async function eventOf(sold: Sold, type: string): Promise<string> {
  const event = (await listEvents(app.database, sold.purchaseId)).find((candidate) => candidate.type === type);
  if (event === undefined) throw new Error(`nothing of type ${type} happened`);
  return event.id;
}

async function runLow(sold: Sold): Promise<string> {
  await charge(app, sold, "4.2");
  await advance(app, sold);
  return eventOf(sold, "purchase.balance_low");
}

const record = async (sold: Sold) => (await officex.told()).records[sold.recordId];
const log = (eventId: string) => listAttempts(app.database, { eventId, limit: 20 });

describe("updateOfficex", () => {
  it("writes the purchase's present state, with its balance, where to top up, and no secret in the link", async () => {
    const sold = await sellTo();
    const eventId = await eventOf(sold, "purchase.active");
    expect(await updateOfficex(needs(), { eventId })).toBe("accepted");
    expect(await record(sold)).toMatchObject({
      status: "RUNNING",
      billing_url: `https://shop.example/purchase/${sold.purchaseId}`,
      vendor_notes: expect.stringMatching(/^In use\. Balance 5 USD at .* Top up with USDC on local at 0x/),
    });
    expect(await findOfficexRecord(app.database, sold.purchaseId)).toMatchObject({
      status: "RUNNING",
      lastOutcome: "delivered",
    });
    expect((await readPurchaseView(app.context, sold)).officex).toEqual({
      status: "RUNNING",
      last_update: expect.stringMatching(/Z$/),
      last_outcome: "delivered",
    });
  });

  it("ends at the truth though an older update is retried after a newer one", async () => {
    const sold = await sellTo();
    const active = await eventOf(sold, "purchase.active");
    await officex.fail({ failNext: 1 });
    await expect(updateOfficex(needs(), { eventId: active })).rejects.toMatchObject({ code: "notice_not_taken" });
    await exhaust(app, sold, "4.96");
    await finishPhase(lifecycleNeeds(app), { purchaseId: sold.purchaseId, phase: "terminate" });
    expect(await updateOfficex(needs(), { eventId: await eventOf(sold, "purchase.terminated") })).toBe("accepted");
    expect(await updateOfficex(needs(), { eventId: active })).toBe("accepted");
    expect(await record(sold)).toMatchObject({ status: "ARCHIVED" });
  });

  it("sends again when the purchase moved on while it was being told", async () => {
    const sold = await sellTo();
    const eventId = await eventOf(sold, "purchase.active");
    // Long enough for the purchase to move on before this call is answered.
    await officex.fail({ delayMs: 3_000 });
    const telling = updateOfficex(needs(), { eventId });
    await charge(app, sold, "4.6");
    await advance(app, sold);
    await officex.fail({});
    await telling;
    const { history } = await officex.told();
    expect(history[sold.recordId]?.at(-1)).toBe("PAYMENT_REQUIRED");
  });

  it("does not mind that OfficeX fails after its work, or works twice", async () => {
    const sold = await sellTo();
    const eventId = await eventOf(sold, "purchase.active");
    await officex.fail({ failAfterCommitNext: 1, duplicateNext: 2 });
    await expect(updateOfficex(needs(), { eventId })).rejects.toMatchObject({ code: "notice_not_taken" });
    expect(await updateOfficex(needs(), { eventId })).toBe("accepted");
    expect(await record(sold)).toMatchObject({ status: "RUNNING" });
    expect((await log(eventId)).map(({ outcome }) => outcome)).toEqual(["delivered", "unavailable"]);
  });

  it("waits for a record that the buyer's app has yet to create", async () => {
    const sold = await sellTo({}, { isUnrecorded: true });
    const eventId = await eventOf(sold, "purchase.active");
    await expect(updateOfficex(needs(), { eventId })).rejects.toMatchObject({ code: "notice_not_taken" });
    await officex.createRecord(sold.recordId);
    expect(await updateOfficex(needs(), { eventId })).toBe("accepted");
  });

  it("ends at once where the key is not accepted, and says so", async () => {
    const other = officex.addOrganisation("DriveID_other");
    const sold = await sellTo({ orgApiKey: other.apiKey });
    const eventId = await eventOf(sold, "purchase.active");
    expect(await updateOfficex(needs(), { eventId })).toContain("403");
    expect(await findOfficexRecord(app.database, sold.purchaseId)).toMatchObject({
      status: null,
      lastOutcome: "refused",
    });
    expect(await log(eventId)).toMatchObject([{ outcome: "refused", status: 403, nextTryAt: null }]);
  });

  it("O01: never calls a host that is not listed, and records that it did not", async () => {
    const sold = await sellTo();
    const eventId = await eventOf(sold, "purchase.active");
    expect(await updateOfficex(needs({ officexHosts: [] }), { eventId })).toContain("OFFICEX_HOSTS");
    expect((await officex.told()).history[sold.recordId]).toBeUndefined();
    expect(await log(eventId)).toMatchObject([{ outcome: "host_not_allowed", destination: null, nextTryAt: null }]);
  });

  it("hands the key to the host it came with, whatever finalize says later", async () => {
    const elsewhere = await startTestOfficex();
    const sold = await sellTo({}, { orgHost: elsewhere.host });
    const both = [officex.host, elsewhere.host].flatMap((host) => parseAllowedHost(host) ?? []);
    await updateOfficex(needs({ officexHosts: both }), { eventId: await eventOf(sold, "purchase.active") });
    expect(await record(sold)).toMatchObject({ status: "RUNNING" });
    expect((await elsewhere.told()).history).toEqual({});
    await elsewhere.stop();
  });

  it("leaves no key in the log, in what it answers, or in what it throws", async () => {
    const sold = await sellTo();
    const eventId = await runLow(sold);
    await officex.fail({ down: true });
    const failure: unknown = await updateOfficex(needs(), { eventId }).catch((error: unknown) => error);
    await officex.fail({});
    const answer = await updateOfficex(needs(), { eventId });
    const left = [JSON.stringify(await log(eventId)), String(failure), JSON.stringify(failure), answer, ...app.lines];
    expect(left.some((text) => text.includes(officex.org.apiKey))).toBe(false);
  });
});

describe("noticeOfficex", () => {
  it("puts what happened into the organisation's inbox once, with the event's id", async () => {
    const sold = await sellTo();
    const eventId = await runLow(sold);
    expect(await noticeOfficex(needs(), { eventId })).toBe("accepted");
    expect(await noticeOfficex(needs(), { eventId })).toBe("delivered");
    const notices = (await officex.told()).inbox.filter(({ payload }) => payload.event_id === eventId);
    expect(notices).toMatchObject([
      { topic: "purchase.balance_low", payload: { balance: "0.8", vendor_purchase_id: sold.purchaseId } },
    ]);
  });
});

describe("an OfficeX that is dead for an hour", () => {
  it("costs the sale nothing, and every record is right once it is back", async () => {
    await officex.fail({ down: false });
    const sold = [await sellTo(), await sellTo(), await sellTo()];
    await officex.fail({ down: true });
    const [first, second, third] = sold;
    if (first === undefined || second === undefined || third === undefined) throw new Error("three were sold");
    await runLow(second);
    await exhaust(app, third, "4.96");
    const events = (await Promise.all(sold.map(({ purchaseId }) => listEvents(app.database, purchaseId)))).flatMap(
      (timeline) => timeline.filter(({ notify }) => notify),
    );
    for (const { id } of events)
      await expect(updateOfficex(needs(), { eventId: id })).rejects.toMatchObject({ code: "notice_not_taken" });
    app.clock.offsetMs += 3_600_000;
    await officex.fail({ down: false });
    // Newest first: the order in which retries come back is nobody's choice.
    for (const { id } of events.toReversed()) await updateOfficex(needs(), { eventId: id });
    expect([await record(first), await record(second), await record(third)]).toMatchObject([
      { status: "RUNNING" },
      { status: "RUNNING", vendor_notes: expect.stringContaining("low") },
      { status: "BLOCKED" },
    ]);
  });
});

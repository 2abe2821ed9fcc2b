import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAttempts } from "../../../../src/integrations/notifications/delivery-log-store.ts";
import { openDeliverySlots } from "../../../../src/integrations/notifications/delivery-slots.ts";
import { openMailer } from "../../../../src/integrations/notifications/mail.ts";
import { listEvents } from "../../../../src/products/purchases/event-store.ts";
import { type MailNeeds, mailEvent } from "../../../../src/products/purchases/notices/mail-event.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { startTestMail, type TestMail } from "../../../support/mail.ts";
import { advance, charge, finalize, initiate, pay, provision } from "../sales.ts";

let app: TestApp;
let mail: TestMail;
beforeAll(async () => {
  app = await startTestApp();
  mail = await startTestMail();
});
afterAll(async () => {
  await mail.stop();
  await app.close();
});

const needs = (change: Partial<MailNeeds> = {}): MailNeeds => ({
  ...app.context,
  slots: openDeliverySlots(),
  vendor: { name: "Shop", publicUrl: "https://shop.example", supportUrl: null },
  mailer: openMailer({ url: mail.url, from: "Shop <billing@shop.example>" }),
  ...change,
});

async function lowEvent(email: string) {
  const session = await initiate(app, { email });
  await pay(app, session, "5");
  const { purchase } = await finalize(app, session);
  await provision(app, purchase.id);
  await charge(app, { purchaseId: purchase.id }, "4.2");
  await advance(app, { purchaseId: purchase.id });
  const event = (await listEvents(app.database, purchase.id)).find(({ type }) => type === "purchase.balance_low");
  if (event === undefined) throw new Error("nothing was crossed");
  return { eventId: event.id, purchaseId: purchase.id, address: session.checkout.depositAddress };
}

const mailsTo = async (email: string) => (await mail.received()).filter(({ to }) => to.includes(email));

describe("mailEvent", () => {
  it("tells the customer in plain words, under a Message-ID made of the event's id, once", async () => {
    const { eventId, purchaseId, address } = await lowEvent("once@example.com");
    expect(await mailEvent(needs(), { eventId })).toBe("handed to the mail server");
    expect(await mailEvent(needs(), { eventId })).toBe("delivered");
    const [sent, ...more] = await mailsTo("once@example.com");
    expect(more).toEqual([]);
    expect(sent?.headers).toMatchObject({
      "message-id": `<${eventId}@shop.example>`,
      from: "Shop <billing@shop.example>",
      "auto-submitted": "auto-generated",
    });
    for (const text of ["fell to 0.8 USD", "(1 USD)", address, `https://shop.example/purchase/${purchaseId}`])
      expect(sent?.text).toContain(text);
  });

  it("is tried again while the server will not, and not where the mailbox does not exist", async () => {
    const { eventId } = await lowEvent("later@example.com");
    await mail.fail({ failNext: 1 });
    await expect(mailEvent(needs(), { eventId })).rejects.toMatchObject({ code: "notice_not_taken" });
    expect(await mailEvent(needs(), { eventId })).toBe("handed to the mail server");
    const gone = await lowEvent("nobody@example.com");
    await mail.fail({ refuse: ["nobody@example.com"] });
    expect(await mailEvent(needs(), gone)).toContain("550");
    expect(await listAttempts(app.database, { eventId: gone.eventId, limit: 5 })).toMatchObject([
      { outcome: "refused", status: 550, nextTryAt: null },
    ]);
    await mail.fail({});
  });

  it("waits for a server that is not there, and says nothing of its password", async () => {
    const { eventId } = await lowEvent("dead@example.com");
    const dead = openMailer({ url: "smtp://user:hush@127.0.0.1:9", from: "billing@shop.example" });
    const failure: unknown = await mailEvent(needs({ mailer: dead }), { eventId }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "notice_not_taken" });
    const lines = await listAttempts(app.database, { eventId, limit: 5 });
    expect(lines).toMatchObject([{ outcome: "mail_unreachable", destination: "127.0.0.1:9" }]);
    expect(JSON.stringify([lines, String(failure)])).not.toContain("hush");
  });

  it("only records where no mail server is configured", async () => {
    const { eventId } = await lowEvent("nowhere@example.com");
    expect(await mailEvent(needs({ mailer: null }), { eventId })).toBe("recorded (no mail server is configured)");
  });

  it.each(["a@example.com\r\nBcc: all@example.com", "a@example.com, b@example.com", "Name <a@example.com>", ""])(
    "sends nothing to %j, which is more or less than one address",
    async (email) => {
      const { eventId } = await lowEvent(email);
      const before = (await mail.received()).length;
      expect(await mailEvent(needs(), { eventId })).toContain("no mail address");
      expect(await mail.received()).toHaveLength(before);
    },
  );
});

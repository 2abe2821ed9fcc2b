import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { finalize, initiate, OFFER, paidSession, type Session } from "../sales.ts";
import { HOSTILE_TEXTS } from "./hostile-texts.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.clock.offsetMs = 0;
  app.chain.isDown = false;
});
afterAll(() => app.close());

const validate = (session: Session, path = "/checkout/validate") =>
  app.call(path, { json: { checkout_session_id: session.sessionId } });

describe("200", () => {
  it("says that nothing has come, then that it waits, then that it is there", async () => {
    const session = await initiate(app);
    expect((await validate(session)).body).toMatchObject({ success: false, status: "awaiting_deposit", minimum: "1" });
    app.chain.pay({ to: session.checkout.depositAddress, units: 2_000_000_000n });
    expect((await validate(session)).body).toMatchObject({ success: false, status: "observed", observed: "2000" });
    app.chain.mine(1);
    expect((await validate(session)).body).toMatchObject({ success: true, status: "received", confirmed: "2000" });
  });

  it("C06: says underpaid, and expired only without money", async () => {
    const session = await initiate(app);
    app.clock.offsetMs = 86_400_000;
    expect((await validate(session)).body).toMatchObject({ success: false, status: "expired" });
    app.chain.pay({ to: session.checkout.depositAddress, units: 999_999n });
    expect((await validate(session)).body).toMatchObject({
      success: false,
      status: "underpaid",
      confirmed: "0.999999",
    });
  });

  it("C09: a token the offer does not take is not counted", async () => {
    const session = await initiate(app);
    const token = app.context.networks[0]?.tokens.find(({ symbol }) => symbol === "USDT")?.address ?? "";
    app.chain.pay({ to: session.checkout.depositAddress, units: 5_000_000n, token });
    expect((await validate(session)).body).toMatchObject({ status: "awaiting_deposit", confirmed: "0" });
  });

  it("is a question still when the chain is away", async () => {
    const session = await initiate(app);
    app.chain.isDown = true;
    expect(await validate(session)).toMatchObject({ status: 200, body: { status: "awaiting_deposit" } });
  });

  it("goes on answering after the sale", async () => {
    const session = await paidSession(app);
    await finalize(app, session);
    expect((await validate(session)).body).toMatchObject({ success: true, status: "received" });
  });

  it.each(["/v1/checkout/validate", `/offer/${OFFER}/checkout/validate`, `/v1/offer/${OFFER}/checkout/validate`])(
    "answers at %s too",
    async (path) => {
      expect((await validate(await initiate(app), path)).status).toBe(200);
    },
  );
});

describe("404 checkout_not_found", () => {
  it("for a session under another offer's path", async () => {
    const answer = await validate(await initiate(app), "/offer/another-offer/checkout/validate");
    expect(answer).toMatchObject({ status: 404, body: { code: "checkout_not_found" } });
  });

  it("A09: for a wrong session, another's ids, and hostile texts alike", async () => {
    const { checkout } = await initiate(app);
    const guesses = [
      `ses_${"x".repeat(43)}`,
      checkout.id,
      checkout.purchaseId,
      ...HOSTILE_TEXTS.map(([, text]) => text),
    ];
    for (const guess of guesses) {
      const json = { checkout_session_id: guess.padEnd(20, "0") };
      expect(await app.call("/checkout/validate", { json })).toMatchObject({
        status: 404,
        body: { code: "checkout_not_found" },
      });
    }
  });
});

describe("400 invalid_request", () => {
  it.each([
    [{}],
    [{ checkout_session_id: 1 }],
    [{ checkout_session_id: "short" }],
    [{ checkout_session_id: "x".repeat(129) }],
  ])("%j", async (json) => {
    expect(await app.call("/checkout/validate", { json })).toMatchObject({
      status: 400,
      body: { code: "invalid_request" },
    });
  });

  it("never repeats the session id it was sent, in the answer or the log", async () => {
    const secret = `ses_${"s".repeat(200)}`;
    const answer = await app.call("/checkout/validate", { json: { checkout_session_id: secret } });
    expect(JSON.stringify(answer.body)).not.toContain("ssssssss");
    expect(app.lines.join("")).not.toContain("ssssssss");
  });
});

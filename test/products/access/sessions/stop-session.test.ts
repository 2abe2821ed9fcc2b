import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPayerBalance } from "../../../../src/products/access/fees/payer-balances.ts";
import { stopSession } from "../../../../src/products/access/sessions/stop-session.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { PAYER, sessionRows } from "./session-world.ts";

let app: TestApp;
let world: ReturnType<typeof sessionRows>;
beforeAll(async () => {
  app = await startTestApp();
  world = sessionRows(app);
});
afterAll(() => app?.close());

const stop = (token: string) => stopSession(app.context, { token });
const balanceAt = async (merchantId: string): Promise<bigint> => {
  const balance = await readPayerBalance(app.database, { merchantId, kind: "evm", address: PAYER });
  return balance.direct + balance.custodial;
};

describe("a holder who stops early", () => {
  it("gets the whole unused seconds back as balance, pro rata and rounded down, where the merchant allows it", async () => {
    const { session, token } = await world.sell({ units: 10, refundsUnused: true });
    await world.paySession(session.id);
    const { session: stopped, returned } = await stop(token);
    expect(stopped.status).toBe("stopped");
    // A dollar for 600 seconds, of which at least one has begun.
    expect(returned).toBeLessThanOrEqual((1_000_000_000n * 599n) / 600n);
    expect(returned).toBeGreaterThan(900_000_000n);
    expect(await balanceAt(session.merchantId)).toBe(returned);
    expect(await world.told(session.merchantId)).toEqual(["session.started", "refund.due", "session.stopped"]);
  });

  it("gets nothing back where the merchant does not allow it, and the asset is free all the same", async () => {
    const { session, token } = await world.sell();
    await world.paySession(session.id);
    expect(await stop(token)).toMatchObject({ session: { status: "stopped" }, returned: 0n });
    expect(await world.tryToSell({ assetId: session.assetId })).not.toBe("asset_taken");
  });

  it("stops once, however many calls come at the same time, and is paid back once", async () => {
    const { session, token } = await world.sell({ refundsUnused: true });
    await world.paySession(session.id);
    const answers = await Promise.all(Array.from({ length: 6 }, () => stop(token)));
    expect(new Set(answers.map((answer) => answer.session.status))).toEqual(new Set(["stopped"]));
    const returned = answers.map((answer) => answer.returned).filter((amount) => amount > 0n);
    expect(returned).toEqual([await balanceAt(session.merchantId)]);
    expect((await world.events(session.id)).map(({ type }) => type)).toEqual(["started", "stopped"]);
  });

  it("finds a session whose time is over expired, with nothing to give back", async () => {
    const { session, token } = await world.sell({ refundsUnused: true });
    await world.paySession(session.id);
    await world.endIn(session.id, -1);
    expect(await stop(token)).toMatchObject({ session: { status: "expired" }, returned: 0n });
  });

  it("needs the token", async () => {
    await expect(stop("sess_unknown")).rejects.toMatchObject({ code: "session_not_found" });
  });
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { readPayerBalance } from "../../../../src/products/access/fees/payer-balances.ts";
import { endEarly, unusedValue } from "../../../../src/products/access/sessions/end-early.ts";
import { revokeSession } from "../../../../src/products/access/sessions/revoke-session.ts";
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
    expect(await world.told(session.merchantId)).toEqual(["session.started", "session.stopped"]);
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

describe("a merchant who takes a session away", () => {
  const revoke = (sessionId: string, merchantId: string | null, givesBack = true) =>
    app.database.transaction((transaction) =>
      revokeSession(transaction, app.context, { sessionId, merchantId, givesBack }),
    );

  it("gives back what was not used, whatever it allows holders", async () => {
    const { session } = await world.sell();
    await world.paySession(session.id);
    const { session: revoked, returned } = await revoke(session.id, session.merchantId);
    expect(revoked.status).toBe("revoked");
    expect(returned).toBeGreaterThan(900_000_000n);
    expect(await balanceAt(session.merchantId)).toBe(returned);
    await expect(revoke(session.id, session.merchantId)).rejects.toMatchObject({ code: "session_ended" });
  });

  it("keeps it where it says so", async () => {
    const { session } = await world.sell();
    await world.paySession(session.id);
    expect(await revoke(session.id, null, false)).toMatchObject({ session: { status: "revoked" }, returned: 0n });
  });

  it("finds no other merchant's session, and none that is not there", async () => {
    const { session } = await world.sell();
    const { merchantId } = await world.sellAsset();
    await expect(revoke(session.id, merchantId)).rejects.toMatchObject({ code: "session_not_found" });
    await expect(revoke("acs_none", merchantId)).rejects.toMatchObject({ code: "session_not_found" });
  });
});

it("values unused time by what was paid for all of it, and rounds down", () => {
  const startedAt = new Date("2026-01-01T12:00:00Z");
  const session = {
    status: "active",
    paid: nanodollars(100n),
    startedAt,
    expiresAt: new Date("2026-01-01T12:00:30Z"),
  } as const;
  expect(unusedValue(session, new Date("2026-01-01T12:00:10Z"))).toBe(66n);
  expect(unusedValue(session, new Date("2026-01-01T12:00:10.001Z"))).toBe(63n);
  expect(unusedValue(session, new Date("2026-01-01T12:01:00Z"))).toBe(0n);
});

it("ends nothing twice", async () => {
  const { session } = await world.sell();
  const now = new Date();
  const input = { session: { ...session, status: "expired" }, status: "stopped", givesBack: true, now } as const;
  expect(await app.database.transaction((transaction) => endEarly(transaction, app.context, input))).toBeNull();
});

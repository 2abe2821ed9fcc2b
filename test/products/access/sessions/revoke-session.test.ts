import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPayerBalance } from "../../../../src/products/access/fees/payer-balances.ts";
import { revokeSession } from "../../../../src/products/access/sessions/revoke-session.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { PAYER, sessionRows } from "./session-world.ts";

let app: TestApp;
let world: ReturnType<typeof sessionRows>;
beforeAll(async () => {
  app = await startTestApp();
  world = sessionRows(app);
});
afterAll(() => app?.close());

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
    const balance = await readPayerBalance(app.database, {
      merchantId: session.merchantId,
      kind: "evm",
      address: PAYER,
    });
    expect(balance.direct).toBe(returned);
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

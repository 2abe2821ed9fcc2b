import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Buyer, openBuyer } from "../../sandbox/demo/buyer.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";

const missing = evmMissing ?? s3Missing ?? temporalMissing;
const SLOW = { timeout: 90_000, interval: 250 };

let world: TestWorld;
let buyer: Buyer;
let connection: Connection;

beforeAll(async () => {
  if (missing !== undefined) return;
  world = await startTestWorld();
  buyer = openBuyer(world.description);
  const { address } = world.description.temporal;
  connection = await Connection.connect({ address });
}, 600_000);
afterAll(async () => {
  buyer?.close();
  await connection?.close();
  await world?.stop();
});

/** The worker makes its schedules when it starts, a while after the world is up. */
const trigger = (schedule: string) =>
  vi.waitFor(() => new Client({ connection }).schedule.getHandle(schedule).trigger(), SLOW);
const openAlerts = async () => {
  const rows = await world.query<{ code: string }>(
    "SELECT code FROM operator_alerts WHERE resolved_at IS NULL AND delivered_at IS NOT NULL ORDER BY code",
  );
  return rows.map(({ code }) => code);
};
const only = async <Value>(column: string, table: string) => {
  const rows = await world.query<{ value: Value }>(`SELECT ${column} AS value FROM ${table} ORDER BY 1`);
  return rows.map(({ value }) => value);
};
const readiness = async (): Promise<unknown> => (await fetch(`${world.description.api}/readyz`)).json();

describe.skipIf(missing !== undefined)("an empty gas tank", () => {
  it("C13: costs no customer anything: the sale goes on, the sweep waits where all can see it, and a refill moves it", async () => {
    await trigger("watch-gas-tanks");
    await expect.poll(() => only("level", "gas_tank_readings"), SLOW).toContain("ok");
    const [wallet = ""] = await only<string>("wallet", "gas_tank_readings WHERE chain = 'eip155:31337'");
    await world.parts.evm.fund(wallet, 0n);
    await trigger("watch-gas-tanks");
    await expect.poll(openAlerts, SLOW).toEqual(["gas_tank_empty", "gas_tank_low"]);
    expect(await readiness()).toMatchObject({ status: "degraded", capabilities: { gas_tank_local: "unavailable" } });

    const session = await buyer.initiate(S3_OFFER);
    await buyer.pay(session.crypto_checkout.receiving_address, 5_000_000n);
    await buyer.awaitPaid(session, 60);
    const bought = await buyer.finalize(session);
    await buyer.awaitStatus(bought, ["active"], 60);
    await expect.poll(() => only("code", "parked_workflows"), SLOW).toEqual(["gas_tank_empty"]);
    await world.query("UPDATE sweeps SET created_at = now() - interval '2 hours'");
    await trigger("find-stuck");
    await expect.poll(() => only("reason", "stuck_items WHERE kind = 'sweep'"), SLOW).toEqual(["gas_tank_empty"]);

    await world.parts.evm.fund(wallet, 10n ** 20n);
    await trigger("watch-gas-tanks");
    await expect.poll(() => only("status", "sweeps"), SLOW).toEqual(["swept"]);
    await trigger("find-stuck");
    await expect.poll(openAlerts, SLOW).toEqual([]);
    expect(await readiness()).toMatchObject({ capabilities: { gas_tank_local: "ok" } });
  }, 300_000);

  it("invariant 5: afterwards the chain holds what the books say, to the last unit", async () => {
    await trigger("reconcile-chains");
    await expect
      .poll(() => only("status", "chain_reconciliations WHERE token = 'USDC' AND chain = 'eip155:31337'"), SLOW)
      .toContain("sound");
    const [found] = await only<string>("drift_units", "chain_reconciliations WHERE chain = 'eip155:31337'");
    expect(found).toBe("0");
  });
});

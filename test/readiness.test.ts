import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { insertGasTankReading } from "../src/integrations/chains/outgoing/gas-tank-store.ts";
import { openDatabase } from "../src/platform/database/pool.ts";
import { raiseWake } from "../src/platform/temporal/wake-store.ts";
import { capabilities } from "../src/readiness.ts";
import { startTestApp, type TestApp } from "./support/app.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterEach(() => {
  app.chain.isDown = false;
  app.lifecycle.isDraining = false;
});
afterAll(() => app.close());

const ready = () => app.call("/readyz");

describe("/readyz", () => {
  it("is ok when database, workflows and chain are", async () => {
    await app.watch();
    expect(await ready()).toMatchObject({
      status: 200,
      body: { status: "ok", capabilities: { postgres: "ok", workflows: "ok", chain_local: "ok" } },
    });
  });

  it("T05: degrades and stays in service while the chain is away or far ahead of its watcher", async () => {
    app.chain.isDown = true;
    const degraded = { status: "degraded", capabilities: { postgres: "ok", chain_local: "unavailable" } };
    expect(await ready()).toMatchObject({ status: 200, body: degraded });
    app.chain.isDown = false;
    app.chain.mine(100);
    expect(await ready()).toMatchObject({ status: 200, body: degraded });
    await app.watch();
    expect(await ready()).toMatchObject({ body: { status: "ok" } });
  });

  it("T05: degrades once a wake has waited for over a minute: nobody runs workflows", async () => {
    await raiseWake(app.database, "purchase/waiting");
    const age = (seconds: number) =>
      app.owner("wakes").update({ updated_at: app.owner.raw("now() - make_interval(secs => ?)", [seconds]) });
    await age(50);
    expect(await ready()).toMatchObject({ body: { status: "ok" } });
    await age(70);
    expect(await ready()).toMatchObject({
      status: 200,
      body: { status: "degraded", capabilities: { workflows: "unavailable" } },
    });
    await app.owner("wakes").update({ sent_seq: app.owner.ref("seq") });
    expect(await ready()).toMatchObject({ body: { status: "ok" } });
  });

  it("C13: degrades while a gas tank is low: sweeps will soon wait", async () => {
    const reading = { chain: "eip155:31337", wallet: "0xabc", balanceUnits: 1n, gasPriceUnits: 1n, runways: {} };
    await insertGasTankReading(app.database, { ...reading, sweepsLeft: 4, level: "low" });
    expect(await ready()).toMatchObject({
      status: 200,
      body: { status: "degraded", capabilities: { gas_tank_local: "unavailable" } },
    });
    await insertGasTankReading(app.database, { ...reading, sweepsLeft: 400, level: "ok" });
    expect(await ready()).toMatchObject({ body: { status: "ok", capabilities: { gas_tank_local: "ok" } } });
  });

  it("takes no traffic while it drains", async () => {
    app.lifecycle.isDraining = true;
    expect(await ready()).toMatchObject({ status: 503, body: { status: "unavailable" } });
  });
});

describe("capabilities", () => {
  it("only the database is essential", () => {
    const essential = capabilities(app.context).filter((capability) => capability.essential);
    expect(essential.map(({ name }) => name)).toEqual(["postgres"]);
  });

  it("fails its check when the database does not answer", async () => {
    const gone = openDatabase("postgres://nobody@127.0.0.1:9/none", { maxConnections: 1, name: "gone" });
    const [postgres] = capabilities({ ...app.context, database: gone });
    await expect(postgres?.check()).rejects.toThrow();
    await gone.destroy();
  });
});

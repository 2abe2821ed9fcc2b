import { Client, Connection } from "@temporalio/client";
import { Worker } from "@temporalio/worker";
import type { Knex } from "knex";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { MAIN_QUEUE } from "../../../src/platform/temporal/task-queues.ts";
import { dispatchDueWakes, startWakeDispatcher, wakeLaggards } from "../../../src/platform/temporal/wake-dispatcher.ts";
import { claimWakes, raiseWake, readWakeBacklog } from "../../../src/platform/temporal/wake-store.ts";
import { subjects } from "../../../workflows/contracts.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startDevServer, temporalMissing } from "../../support/temporal.ts";
import { workflowBundle } from "../../support/workflow-bundle.ts";

let environment: Awaited<ReturnType<typeof startDevServer>>;
let testDatabase: TestDatabase;
let database: Knex;

beforeAll(async () => {
  if (temporalMissing !== undefined) return;
  [environment, testDatabase] = await Promise.all([startDevServer(), createTestDatabase()]);
  database = openDatabase(testDatabase.applicationUrl, { maxConnections: 20, name: "dispatcher-test" });
}, 600_000);
afterAll(async () => {
  await database?.destroy();
  await Promise.all([environment?.teardown(), testDatabase?.drop()]);
});
beforeEach(async () => {
  await database?.("wakes").delete();
});

const logger = createLogger({ level: "silent", name: "test" });
const needs = (client: Client = environment.client) => ({ database, client, logger, subjects });
const start = () =>
  startWakeDispatcher({ ...needs(), databaseUrl: testDatabase.applicationUrl, findLaggards: async () => [] });
const newSubject = (prefix = "purchase") => `${prefix}/${crypto.randomUUID()}`;
const allSent = () => expect.poll(async () => (await readWakeBacklog(database)).waiting).toBe(0);

/** The sequences a workflow was woken with, in order. */
async function signalsOf(subject: string): Promise<readonly number[]> {
  const history = await environment.client.workflow.getHandle(subject).fetchHistory();
  const signals = (history.events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
  return signals.map(({ input }) => Number(Buffer.from(input?.payloads?.[0]?.data ?? []).toString("utf8")));
}

const describeRun = async (subject: string) => {
  const { runId, status } = await environment.client.workflow.getHandle(subject).describe();
  return { runId, status: status.name };
};

/** Serves every kind of workflow a wake may start here; each comes to its end at once. */
async function whileServed(body: () => Promise<void>): Promise<void> {
  const done = { status: "over", next: "done" as const, deadline: null, details: "" };
  const worker = await Worker.create({
    connection: environment.nativeConnection,
    taskQueue: MAIN_QUEUE,
    workflowBundle: await workflowBundle(),
    activities: {
      deliverAlert: async () => "delivered",
      reviewCheckout: async () => done,
      advancePurchase: async () => ({ ...done, steps: [] }),
    },
  });
  await worker.runUntil(body);
}

describe.skipIf(temporalMissing !== undefined)("a wake", () => {
  it("starts its workflow with its sequence, and is sent once", async () => {
    const subject = newSubject();
    await raiseWake(database, subject);
    expect(await dispatchDueWakes(needs())).toBe(1);
    expect(await dispatchDueWakes(needs())).toBe(0);
    expect(await signalsOf(subject)).toEqual([1]);
    const described = await environment.client.workflow.getHandle(subject).describe();
    expect(described.type).toBe("purchase");
    expect(await described.staticSummary()).toBe(subjects.purchase.summary);
  });

  it("committed while the dispatcher listens arrives at once", async () => {
    const dispatcher = start();
    const subject = newSubject();
    await raiseWake(database, subject);
    await allSent();
    expect(await signalsOf(subject)).toEqual([1]);
    await dispatcher.stop();
  });

  it("raised a thousand times is a few signals, and the last carries the last sequence", async () => {
    const dispatcher = start();
    const subject = newSubject();
    for (let lap = 0; lap < 100; lap += 1)
      await Promise.all(Array.from({ length: 10 }, () => raiseWake(database, subject)));
    await allSent();
    const signals = await signalsOf(subject);
    expect(signals.at(-1)).toBe(1_000);
    expect(signals.length).toBeLessThan(1_000);
    await dispatcher.stop();
  });

  it("taken by a dispatcher that died before it confirmed is sent by the next one", async () => {
    const subject = newSubject();
    await raiseWake(database, subject);
    expect(await claimWakes(database, { limit: 1, leaseSeconds: 1 })).toHaveLength(1);
    const dispatcher = start();
    await allSent();
    expect(await signalsOf(subject)).toEqual([1]);
    await dispatcher.stop();
  });

  it("waits while Temporal is away, says why, and is sent when it is back", async () => {
    const subject = newSubject();
    await raiseWake(database, subject);
    const nobody = Connection.lazy({ address: `127.0.0.1:${await freePort()}` });
    await dispatchDueWakes(needs(new Client({ connection: nobody })));
    await nobody.close();
    expect((await readWakeBacklog(database)).waiting).toBe(1);
    expect((await database("wakes").where({ subject }).first())?.last_error).not.toBeNull();
    const dispatcher = start();
    await allSent();
    expect(await signalsOf(subject)).toEqual([1]);
    await dispatcher.stop();
  });

  it("that means nothing waits with its reason and holds nobody else up", async () => {
    const [nonsense, subject] = [newSubject("nonsense"), newSubject()];
    await raiseWake(database, nonsense);
    await raiseWake(database, "no-slash");
    await raiseWake(database, subject);
    await dispatchDueWakes(needs());
    expect(await signalsOf(subject)).toEqual([1]);
    expect((await database("wakes").where({ subject: nonsense }).first())?.last_error).toContain(
      "no workflow is known",
    );
  });

  it("survives the loss of the listening connection", async () => {
    const dispatcher = start();
    const listeners = () =>
      database("pg_stat_activity").where({
        application_name: "tollkeeper-wakes",
        datname: database.raw("current_database()"),
      });
    await expect.poll(async () => (await listeners()).length).toBe(1);
    const [before] = await listeners();
    await database.raw("SELECT pg_terminate_backend(?)", [before?.pid]);
    const subject = newSubject();
    await raiseWake(database, subject);
    await allSent();
    expect(await signalsOf(subject)).toEqual([1]);
    await expect.poll(async () => (await listeners()).map(({ pid }) => pid)).not.toContain(before?.pid);
    await expect.poll(async () => (await listeners()).length).toBe(1);
    await dispatcher.stop();
  });
});

describe.skipIf(temporalMissing !== undefined)("two dispatchers", () => {
  it("share two hundred wakes and send each of them once", async () => {
    const dispatchers = [start(), start()];
    const all = Array.from({ length: 200 }, () => newSubject());
    await database.transaction(async (transaction) => {
      for (const subject of all) await raiseWake(transaction, subject);
    });
    await allSent();
    await Promise.all(dispatchers.map((dispatcher) => dispatcher.stop()));
    for (const subject of all) expect(await signalsOf(subject)).toEqual([1]);
  });
});

describe.skipIf(temporalMissing !== undefined)("a workflow that is over", () => {
  it("and came to its end is never started again where that is the rule, and the wake is done with", async () => {
    const subject = newSubject("alert");
    await whileServed(async () => {
      await raiseWake(database, subject);
      await dispatchDueWakes(needs());
      await environment.client.workflow.result(subject);
      const { runId } = await describeRun(subject);
      await raiseWake(database, subject);
      await dispatchDueWakes(needs());
      expect(await describeRun(subject)).toEqual({ runId, status: "COMPLETED" });
    });
    expect((await readWakeBacklog(database)).waiting).toBe(0);
  });

  it("is started again by a late wake where that is the rule", async () => {
    const subject = newSubject("checkout");
    await whileServed(async () => {
      await raiseWake(database, subject);
      await dispatchDueWakes(needs());
      await environment.client.workflow.result(subject);
      const { runId } = await describeRun(subject);
      await raiseWake(database, subject);
      await dispatchDueWakes(needs());
      expect((await describeRun(subject)).runId).not.toBe(runId);
    });
  });

  it("because somebody terminated it is started again: what it stands for is not over", async () => {
    const subject = newSubject();
    await raiseWake(database, subject);
    await dispatchDueWakes(needs());
    const { runId } = await describeRun(subject);
    await environment.client.workflow.getHandle(subject).terminate("by mistake");
    await raiseWake(database, subject);
    await dispatchDueWakes(needs());
    expect(await describeRun(subject)).toMatchObject({ status: "RUNNING" });
    expect((await describeRun(subject)).runId).not.toBe(runId);
  });
});

describe.skipIf(temporalMissing !== undefined)("laggards", () => {
  it("are woken again, each with a new sequence", async () => {
    const subject = newSubject();
    await raiseWake(database, subject);
    await dispatchDueWakes(needs());
    expect(await wakeLaggards({ ...needs(), findLaggards: async () => [subject] })).toBe(1);
    await dispatchDueWakes(needs());
    expect(await signalsOf(subject)).toEqual([1, 2]);
  });
});

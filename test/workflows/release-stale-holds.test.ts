import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerActivities } from "../../activities/ledger.ts";
import { readBalance } from "../../src/ledger/balances.ts";
import { authoriseHold } from "../../src/ledger/holds.ts";
import { parseDollars } from "../../src/money/nanodollars.ts";
import { fundedAccount, type LedgerWorld, startLedgerWorld } from "../ledger/ledger-world.ts";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;
let world: LedgerWorld;
beforeAll(async () => {
  if (temporalMissing !== undefined) return;
  [environment, world] = await Promise.all([startTimeSkipping(), startLedgerWorld()]);
}, 600_000);
afterAll(async () => {
  await Promise.all([environment?.teardown(), world?.close()]);
});

const stage = () => ({ environment, type: "releaseStaleHolds" });

describe.skipIf(temporalMissing !== undefined)("releaseStaleHolds", () => {
  it("gives customers back what holds past their time reserved, and touches no other hold", async () => {
    const account = await fundedAccount(world, { dollars: "10" });
    const amount = parseDollars("3");
    const hold = (idempotencyKey: string, expiresAt: Date) =>
      authoriseHold(world.ledger, { idempotencyKey, account, amount, expiresAt, purpose: "call" });
    await hold("stale", new Date(Date.now() - 1_000));
    await hold("valid", new Date(Date.now() + 3_600_000));
    await withWorkflow(stage(), { fakes: ledgerActivities(world) }, async (workflow) => {
      expect(await workflow.result()).toBe(1);
    });
    expect(await readBalance(world.database, account)).toMatchObject({ available: parseDollars("7"), held: amount });
  });

  it("answers 0 where nothing was due", async () => {
    await withWorkflow(stage(), { fakes: ledgerActivities(world) }, async (workflow) => {
      expect(await workflow.result()).toBe(0);
    });
  });

  it("outlasts a database that is away for minutes", async () => {
    let tries = 0;
    const expireHolds = async () => {
      tries += 1;
      if (tries < 12) throw ApplicationFailure.create({ message: "The ledger cannot be reached.", type: "away" });
      return 4;
    };
    await withWorkflow(stage(), { fakes: { expireHolds } }, async (workflow) => {
      expect(await workflow.result()).toBe(4);
    });
  });
});

import { afterAll, describe, expect, it } from "vitest";
import { raiseWake } from "../../../../../src/platform/temporal/wake-store.ts";
import {
  countPaymentsInDoubt,
  findPaymentsInDoubt,
} from "../../../../../src/products/access/payments/doubt/doubt-store.ts";
import { doubtRows } from "./doubt-rows.ts";
import { startDoubtWorld } from "./doubt-world.ts";

const world = await startDoubtWorld({});
const { claimedAgo, ageWake } = doubtRows(world);
afterAll(() => world.close());

describe("payments nobody follows", () => {
  it("are named once their taker should be done, and again when their workflow is gone", async () => {
    const { database } = world.app;
    const [young, old] = [await claimedAgo(0), await claimedAgo(60)];
    expect(await findPaymentsInDoubt(database)).toEqual([old.subject]);
    await raiseWake(database, old.subject);
    expect(await findPaymentsInDoubt(database)).toEqual([]);
    await ageWake(old.subject, 300);
    expect(await findPaymentsInDoubt(database)).toEqual([]);
    await ageWake(old.subject, 700);
    expect(await findPaymentsInDoubt(database)).toEqual([old.subject]);
    const { byStatus, oldestSeconds } = await countPaymentsInDoubt(database);
    expect(byStatus).toEqual({ submitted: 1, unknown: 0 });
    expect(oldestSeconds).toBeGreaterThanOrEqual(59);
    expect(young.subject).not.toBe(old.subject);
  });
});

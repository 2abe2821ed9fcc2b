import { afterAll, describe, expect, it } from "vitest";
import { raiseWake } from "../../../../../src/platform/temporal/wake-store.ts";
import {
  findPaymentsDueForFinality,
  isPaymentFinal,
  markPaymentFinal,
} from "../../../../../src/products/access/payments/doubt/finality-store.ts";
import { doubtRows } from "./doubt-rows.ts";
import { EVM, startDoubtWorld } from "./doubt-world.ts";

const world = await startDoubtWorld({});
const { claimedAgo, ageWake } = doubtRows(world);
afterAll(() => world.close());

describe("payments whose block should be final", () => {
  it("are named once more when their block should be final, and not after that", async () => {
    const { database, owner } = world.app;
    const { id, subject } = await claimedAgo(120);
    const resolved_at = owner.raw("now() - interval '1 minute'");
    await owner("access_payments").where({ id }).update({ status: "unserved", resolved_at });
    expect(await findPaymentsDueForFinality(database, [{ id: EVM, seconds: 900 }])).toEqual([]);
    expect(await findPaymentsDueForFinality(database, [{ id: "eip155:1", seconds: 1 }])).toEqual([]);
    expect(await findPaymentsDueForFinality(database, [{ id: EVM, seconds: 30 }])).toEqual([subject]);
    await raiseWake(database, subject);
    expect(await findPaymentsDueForFinality(database, [{ id: EVM, seconds: 30 }])).toEqual([]);
    await ageWake(subject, 700);
    expect(await findPaymentsDueForFinality(database, [{ id: EVM, seconds: 30 }])).toEqual([subject]);
    expect(await isPaymentFinal(database, id)).toBe(false);
    await markPaymentFinal(database, id);
    expect(await isPaymentFinal(database, id)).toBe(true);
    expect(await findPaymentsDueForFinality(database, [{ id: EVM, seconds: 30 }])).toEqual([]);
  });
});

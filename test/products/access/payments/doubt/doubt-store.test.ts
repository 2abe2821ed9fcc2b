import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { raiseWake } from "../../../../../src/platform/temporal/wake-store.ts";
import {
  countPaymentsInDoubt,
  findPaymentsInDoubt,
} from "../../../../../src/products/access/payments/doubt/doubt-store.ts";
import { EVM, startDoubtWorld } from "./doubt-world.ts";

let world: Awaited<ReturnType<typeof startDoubtWorld>>;
beforeAll(async () => {
  world = await startDoubtWorld({});
});
afterAll(() => world?.close());

const submit = async (seconds: number) => {
  const payloadKey = crypto.randomUUID();
  const facts = { network: EVM, payTo: "0xTo", payer: "0xFrom", payload: null, payloadKey, transaction: payloadKey };
  const { id } = await world.submit(facts);
  await world.age(id, seconds);
  return { id, subject: `access-payment/${id}` };
};
const ageWake = (subject: string, seconds: number) =>
  world.app
    .owner("wakes")
    .where({ subject })
    .update({
      sent_seq: world.app.owner.ref("seq"),
      updated_at: world.app.owner.raw("now() - make_interval(secs => ?)", [seconds]),
    });

describe("payments nobody follows", () => {
  it("are named once their taker should be done, and again when their workflow is gone", async () => {
    const { database } = world.app;
    const [young, old] = [await submit(0), await submit(60)];
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

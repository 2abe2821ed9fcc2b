import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { raiseWake } from "../../../../../src/platform/temporal/wake-store.ts";
import {
  findPaymentsDueForFinality,
  isPaymentFinal,
  markPaymentFinal,
} from "../../../../../src/products/access/payments/doubt/finality-store.ts";
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

describe("payments whose block should be final", () => {
  it("are named once more when their block should be final, and not after that", async () => {
    const { database, owner } = world.app;
    const { id, subject } = await submit(120);
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

import type { WireObject } from "../../../../../src/integrations/x402/facilitator.ts";
import { type DoubtWorld, EVM } from "./doubt-world.ts";

/** Writes payments down that no chain has to know. */
export function doubtRows(world: DoubtWorld) {
  const { owner } = world.app;
  const submit = (submitted: { readonly payload: WireObject | null; readonly transaction?: string }) =>
    world.submit({ network: EVM, payTo: "0xTo", payer: "0xFrom", payloadKey: crypto.randomUUID(), ...submitted });
  return {
    /** A claim of a transaction that was made `seconds` ago, and the subject it is followed under. */
    claimedAgo: async (seconds: number) => {
      const { id } = await submit({ payload: null, transaction: crypto.randomUUID() });
      await world.age(id, seconds);
      return { id, subject: `access-payment/${id}` };
    },
    /** A signed payment whose outcome is unknown. */
    inDoubt: async () => {
      const payment = await submit({ payload: {} });
      await owner("access_payments").where("id", payment.id).update({ status: "unknown" });
      return payment;
    },
    /** Its wake was sent, the last time so many seconds ago. */
    ageWake: (subject: string, seconds: number) =>
      owner("wakes")
        .where({ subject })
        .update({ sent_seq: owner.ref("seq"), updated_at: owner.raw("now() - make_interval(secs => ?)", [seconds]) }),
  };
}

import type { WireObject } from "../../../../../src/integrations/x402/facilitator.ts";
import { resolvePaymentRow } from "../../../../../src/products/access/payments/payment-resolution-store.ts";
import { type DoubtWorld, EVM } from "./doubt-world.ts";

const NOTHING = { sessionId: null, receipt: null, failureCode: null, failureDetail: null } as const;

/** Writes payments down that no chain has to know. */
export function doubtRows(world: DoubtWorld) {
  const { owner } = world.app;
  const submit = (submitted: { readonly payload: WireObject | null; readonly transaction?: string }) =>
    world.submit({ network: EVM, payTo: "0xTo", payer: "0xFrom", payloadKey: crypto.randomUUID(), ...submitted });
  return {
    /** A signed payment that was just written down. */
    signed: () => submit({ payload: {} }),
    /** Ends it now, with nothing to say beside. */
    resolve: (id: string, status: "failed" | "unserved", transaction: string | null = null) =>
      resolvePaymentRow(world.app.database, { ...NOTHING, id, status, at: new Date(), transaction }),
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

import type { Knex } from "knex";
import { newId } from "../../../platform/ids.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import type { Payment } from "../payment.ts";
import type { Quote } from "../quote.ts";
import type { Session } from "../session.ts";
import { announceToMerchant } from "../telling/announce-to-merchant.ts";
import { endOverdueSession } from "./end-due-session.ts";
import { describeSession } from "./end-session.ts";
import { noteSessionEvent } from "./session-events.ts";
import { insertSession, type NewSession } from "./session-store.ts";
import { mintSessionToken } from "./session-token.ts";

/**
 * Opens the session a settled payment bought, in the caller's transaction: row, first event, the merchant's notice, wake. It runs from `now`. Whatever session
 * of the asset is past its end is ended first. `asset_taken` when the asset has an active session all the same: nothing was written, and
 * the money becomes the payer's balance.
 */
export async function openSession(
  transaction: Knex.Transaction,
  needs: { readonly masterKey: MasterKey },
  input: {
    readonly payment: Pick<Payment, "network" | "payer" | "gross">;
    readonly quote: Pick<Quote, "merchantId" | "assetId" | "unit" | "unitSeconds" | "units">;
    readonly now: Date;
  },
): Promise<{ readonly session: Session; readonly token: string } | "asset_taken"> {
  const { payment, quote, now } = input;
  const id = newId("acs");
  const { token, tokenSealed } = mintSessionToken(needs, { sessionId: id });
  const wanted: NewSession = {
    id,
    token,
    tokenSealed,
    merchantId: quote.merchantId,
    assetId: quote.assetId,
    payerNetwork: payment.network,
    payer: payment.payer,
    unit: quote.unit,
    unitSeconds: quote.unitSeconds,
    units: quote.units,
    paid: payment.gross,
    startedAt: now,
    expiresAt: new Date(now.getTime() + quote.units * quote.unitSeconds * 1000),
  };
  const session = (await insertSession(transaction, wanted)) ?? (await insertAfterOverdue(transaction, wanted));
  if (session === null) return "asset_taken";
  const data = describeSession(session);
  await noteSessionEvent(transaction, { sessionId: id, type: "started", data });
  const { merchantId } = session;
  await announceToMerchant(transaction, { merchantId, type: "session.started", key: `session-started:${id}`, data });
  await raiseWake(transaction, `access-session/${id}`);
  return { session, token };
}

/** The asset is seldom occupied here, so whether by a session past its end is looked at only then. */
async function insertAfterOverdue(transaction: Knex.Transaction, wanted: NewSession): Promise<Session | null> {
  await endOverdueSession({ database: transaction }, { assetId: wanted.assetId });
  return insertSession(transaction, wanted);
}

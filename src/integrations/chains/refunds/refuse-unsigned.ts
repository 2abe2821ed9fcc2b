import type { Knex } from "knex";
import { refundRefused } from "../../../ledger/postings/refunds.ts";
import { raiseWake } from "../../../platform/temporal/wake-store.ts";
import type { Chain } from "../chain.ts";
import type { LedgerWriter } from "../ledger-writer.ts";
import { asPostedRefund } from "./refund-requests.ts";
import { findRefund, listOpenRefunds, markRefundRefused } from "./refund-store.ts";

/**
 * Gives up every refund of a deposit of which nothing was signed, because the deposit is gone: the money is back where it came from, to be
 * taken back with the credit. What is signed stays as it is. In the caller's transaction, which holds the deposit's row and sees to the
 * deposit itself. Answers how many were given up.
 */
export async function refuseUnsigned(
  transaction: Knex.Transaction,
  needs: { readonly ledger: LedgerWriter; readonly chain: Pick<Chain, "network"> },
  input: { readonly depositId: string },
): Promise<number> {
  let givenUp = 0;
  for (const id of await listOpenRefunds(transaction, input.depositId)) {
    const refund = await findRefund(transaction, id);
    if (refund === undefined || !(await markRefundRefused(transaction, id))) continue;
    const posted = asPostedRefund(needs.chain, refund);
    if (posted !== undefined) await needs.ledger.postIn(transaction, refundRefused(posted));
    await raiseWake(transaction, `refund/${id}`);
    givenUp += 1;
  }
  return givenUp;
}

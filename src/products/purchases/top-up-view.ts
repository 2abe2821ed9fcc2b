import { z } from "zod";
import { formatDollars } from "../../money/nanodollars.ts";
import { DepositView } from "./schemas.ts";
import type { TopUp } from "./top-up.ts";
import { describeTopUp } from "./top-up.ts";

/** What both spellings of top-up answer. `updatedValue` is the seed's name for the balance. */
export const TopUpReply = z
  .object({
    success: z.boolean(),
    status: z.enum(["credited", "waiting", "nothing_new", "chain_unreachable"]),
    message: z.string(),
    tracer: z.string(),
    updatedValue: z.string(),
    checkout_session_id: z.string().optional(),
    purchase_id: z.string().nullable(),
    balance: z.string(),
    balance_nanodollars: z.string(),
    since: z.string(),
    credited: z.string(),
    observed: z.string(),
    chain_seen: z.enum(["current", "unknown"]),
    receiving_address: z.string(),
    deposits: z.array(DepositView),
    vendor_disclaimer: z.string(),
  })
  .meta({ id: "TopUp" });

const DISCLAIMER =
  "Send only the checkout's token on its chain to this address; each confirmed deposit is credited once.";

/** A look as it goes over the wire: money as decimal strings, `success` when something was credited. Pure. */
export function showTopUp(
  found: TopUp,
  asked: { readonly tracer: string; readonly receivingAddress: string; readonly sessionId?: string },
): z.input<typeof TopUpReply> {
  const balance = formatDollars(found.balance);
  return {
    success: found.status === "credited",
    status: found.status,
    message: describeTopUp(found),
    tracer: asked.tracer,
    updatedValue: balance,
    ...(asked.sessionId === undefined ? {} : { checkout_session_id: asked.sessionId }),
    purchase_id: found.purchaseId,
    balance,
    balance_nanodollars: found.balance.toString(),
    since: found.since.toISOString(),
    credited: formatDollars(found.credited),
    observed: formatDollars(found.observed),
    chain_seen: found.chainSeen,
    receiving_address: asked.receivingAddress,
    deposits: [...found.deposits],
    vendor_disclaimer: DISCLAIMER,
  };
}

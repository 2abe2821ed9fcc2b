import { z } from "zod";
import { repairOnce } from "../../../platform/repairs/repair-once.ts";
import { type StartPayoutNeeds, startPayouts } from "./start-payouts.ts";

/**
 * The operator starts payouts now, of one merchant or of all. Where a wallet changed less than a day ago it must say so, and that is written
 * down. The same request id starts once. Answers the ids.
 */
export async function runPayouts(
  needs: StartPayoutNeeds,
  input: {
    readonly requestId: string;
    readonly merchantId: string | null;
    readonly skipWalletRest: boolean;
    readonly actor: string;
    readonly note: string;
  },
): Promise<readonly string[]> {
  const { requestId, merchantId, skipWalletRest, actor, note } = input;
  const subject = merchantId === null ? "payouts" : `merchant/${merchantId}`;
  const call = { requestId, subject, action: "runPayouts", actor, note, isDryRun: false };
  const answer = await repairOnce(needs, { ...call, input: { merchantId, skipWalletRest } }, async () => {
    const started = await startPayouts(needs, { merchantId, skipWalletRest });
    return { text: `${started.length} payouts were started.`, data: { payouts: [...started] }, wakes: [] };
  });
  return z.array(z.string()).parse(answer.data.payouts);
}

import type { IncomingHttpHeaders } from "node:http";
import { reply, startLoopbackServer } from "../../../sandbox/parts/loopback-server.ts";
import { freePort } from "../../../sandbox/parts/ports.ts";
import type { QuoteOption } from "../../../src/integrations/x402/payment.ts";
import { type PaymentRequiredInput, paymentRequired } from "../../../src/integrations/x402/payment-required.ts";
import { paymentResponse } from "../../../src/integrations/x402/payment-response.ts";
import { requiredOf } from "./offers.ts";

/** A server that answers our 402 to whoever pays nothing, and lets everybody in who presents anything; `paid` is what they sent. */
export type Paywall = {
  readonly url: string;
  readonly paid: IncomingHttpHeaders[];
  readonly stop: () => Promise<void>;
};

/** Starts one over the given options. */
export async function startPaywall(
  options: readonly QuoteOption[],
  over: Partial<PaymentRequiredInput> = {},
): Promise<Paywall> {
  const port = await freePort();
  const paid: IncomingHttpHeaders[] = [];
  const url = `http://127.0.0.1:${port}/api/v1/access/ast_gpu1`;
  const { stop } = await startLoopbackServer(port, async ({ request, response }) => {
    const { headers } = request;
    if (headers["payment-signature"] === undefined && headers["x-payment"] === undefined) {
      const answer = paymentRequired(requiredOf(options, over));
      for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
      reply(response, answer.status, answer.body);
      return;
    }
    paid.push(headers);
    const [option] = options;
    const granted = paymentResponse({
      dialect: headers["payment-signature"] === undefined ? "v1" : "v2",
      success: true,
      transaction: "tx",
      caip2: option?.caip2 ?? "",
      v1Name: option?.v1Name ?? null,
      payer: null,
      amountUnits: 1n,
      errorReason: null,
      receipt: null,
    });
    for (const [name, value] of Object.entries(granted)) response.setHeader(name, value);
    reply(response, 200, { status: "granted" });
  });
  return { url, paid, stop };
}

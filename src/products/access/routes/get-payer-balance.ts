import type { Knex } from "knex";
import { z } from "zod";
import type { SignIn } from "../../../integrations/x402/sign-in.ts";
import { formatDollars } from "../../../money/nanodollars.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import { readPayerBalance } from "../fees/payer-balances.ts";
import { keptText } from "../schemas.ts";
import { SignInRequired } from "../session-errors.ts";

const PATH = "/api/v1/payers/balance";

/** What reading a payer's balance needs. `publicUrl` is where clients reach this server, without a slash at its end. */
export type PayerBalanceNeeds = {
  readonly database: Knex;
  readonly signIn: SignIn;
  readonly publicUrl: string;
};

/** GET /api/v1/payers/balance?merchantId= [SIGN-IN-WITH-X]. What the wallet has left at a merchant; without the header a challenge to sign. */
export const getPayerBalanceRoute = (needs: PayerBalanceNeeds) =>
  defineRoute({
    operationId: "getPayerBalance",
    summary: "Read what one's wallet has left at a merchant",
    description: "Sign in with the wallet that paid: without the header the 401 answer carries a challenge to sign.",
    tags: ["access"],
    dialect: "string",
    method: "get",
    path: PATH,
    auth: ["none"],
    rateLimit: "payment",
    query: z.object({ merchantId: keptText({ minimum: 1, maximum: 64 }) }),
    reply: {
      status: 200,
      schema: z
        .object({
          payer: z.string(),
          merchantId: z.string(),
          total: z.string(),
          heldByMerchant: z.string(),
          heldByPlatform: z.string(),
        })
        .meta({ id: "PayerBalance" }),
      headers: { "Cache-Control": "Always no-store." },
    },
    problems: ["sign_in_required", "sign_in_invalid", "sign_in_expired"],
    handler: async ({ query: { merchantId }, request }) => {
      const resourceUrl = `${needs.publicUrl}${PATH}`;
      const header = request.headers["sign-in-with-x"];
      if (typeof header !== "string") throw new SignInRequired(needs.signIn.challenge({ resourceUrl }));
      const { kind, address } = await needs.signIn.verify(header, { resourceUrl });
      const { total, direct, custodial } = await readPayerBalance(needs.database, { merchantId, kind, address });
      const held = { heldByMerchant: formatDollars(direct), heldByPlatform: formatDollars(custodial) };
      const body = { payer: address, merchantId, total: formatDollars(total), ...held };
      return { status: 200 as const, body, headers: { "Cache-Control": "no-store" } };
    },
  });

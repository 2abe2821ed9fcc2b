import type { Knex } from "knex";
import { z } from "zod";
import type { SignIn } from "../../../integrations/x402/sign-in.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import { SignInRequired } from "../session-errors.ts";
import { recoverSessions } from "../sessions/recover-sessions.ts";
import { SessionView, viewSession } from "../sessions/session-view.ts";

const PATH = "/api/v1/sessions/recover";

/** What recovering sessions needs. `publicUrl` is where clients reach this server, without a slash at its end. */
export type RecoverNeeds = {
  readonly database: Knex;
  readonly masterKey: MasterKey;
  readonly signIn: SignIn;
  readonly publicUrl: string;
};

/** POST /api/v1/sessions/recover [SIGN-IN-WITH-X]. The wallet's running sessions with their tokens; without the header a challenge to sign. */
export const recoverSessionsRoute = (needs: RecoverNeeds) =>
  defineRoute({
    operationId: "recoverSessions",
    summary: "Get the tokens of one's running sessions back",
    description: "Sign in with the wallet that paid: without the header the 401 answer carries a challenge to sign.",
    tags: ["sessions"],
    dialect: "string",
    method: "post",
    path: PATH,
    auth: ["none"],
    rateLimit: "payment",
    body: z.strictObject({ assetId: z.string().max(200).optional() }).optional(),
    reply: {
      status: 200,
      schema: z
        .object({ sessions: z.array(SessionView.extend({ sessionToken: z.string() })) })
        .meta({ id: "RecoveredSessions" }),
      headers: { "Cache-Control": "Always no-store." },
    },
    problems: ["sign_in_required", "sign_in_invalid", "sign_in_expired"],
    handler: async ({ body, request }) => {
      const resourceUrl = `${needs.publicUrl}${PATH}`;
      const header = request.headers["sign-in-with-x"];
      if (typeof header !== "string") throw new SignInRequired(needs.signIn.challenge({ resourceUrl }));
      const wallet = await needs.signIn.verify(header, { resourceUrl });
      const found = await recoverSessions(needs, { wallet, assetId: body?.assetId ?? null });
      const sessions = found.map(({ session, now, token }) => ({ ...viewSession(session, now), sessionToken: token }));
      return { status: 200 as const, body: { sessions }, headers: { "Cache-Control": "no-store" } };
    },
  });

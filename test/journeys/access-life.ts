import { expect } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import type { TestWorld } from "../support/world.ts";
import { buy, evmGuest, openCafe, readAnswer, solanaGuest, solanaPayer, until } from "./access-cafe.ts";

const Required = z.object({ quoteId: z.string(), quoteSecret: z.string() });
const NewKey = z.object({ data: z.object({ apiKey: z.string() }) });
const NewSecret = z.object({ data: z.object({ secret: z.string() }) });

/**
 * A merchant and its guests with everything that makes or shows a secret: each dialect, an extension, a socket, new keys, and calls gone
 * wrong with a secret in them. Answers those secrets by name, once a session is over.
 */
export async function liveAccess(world: TestWorld) {
  const cafe = await openCafe(world);
  const { api } = world.description;
  const at = async (terms: object = {}) => `${api}/api/v1/access/${await cafe.addAsset(terms)}`;
  const onEvm = await evmGuest(world);
  const granted = await buy(onEvm, await at({ unit: "session", sessionSeconds: 15 }));
  const { sessionId, sessionToken: token } = granted;
  const watched = watch(granted.websocketUrl);
  const extendUrl = `${api}/api/v1/access/sessions/${token}/extend`;
  await buy(onEvm, extendUrl);
  const onSolana = await solanaGuest(world);
  const second = await buy(onSolana, await at());
  const claimed = await claimTransfer(world, await at(), cafe.wallets.solana);
  // What goes wrong is logged with more care than what goes well.
  await fetch(`${api}/api/v1/sessions/${token}/nothing`);
  await fetch(granted.statusUrl);
  await fetch(extendUrl, {
    method: "POST",
    headers: { "payment-signature": `${onEvm.headers()["payment-signature"]}!` },
  });
  const key = { "x-api-key": cafe.key };
  const renewed = NewKey.parse((await cafe.call("/api/v1/auth/regenerate-key", {}, key)).body).data.apiKey;
  expect((await cafe.call("/api/v1/merchant/assets", undefined, key)).status).toBe(401);
  const newKey = { "x-api-key": renewed };
  const rotated = await cafe.call("/api/v1/merchant/webhook/rotate-secret", {}, newKey);
  await watched;
  await until("the merchant to be told", cafe.told, (events) => events.some(({ type }) => type === "session.expired"));
  return {
    sessionId,
    secrets: {
      ...{ sessionToken: token, secondToken: second.sessionToken, ...claimed },
      statusHandle: granted.statusUrl.slice(granted.statusUrl.lastIndexOf(".") + 1),
      signedOnEvm: onEvm.headers()["payment-signature"] ?? "",
      signedOnSolana: onSolana.headers()["payment-signature"] ?? "",
      quoteOnEvm: quoteSecretOf(onEvm.headers()["payment-signature"]),
      quoteOnSolana: quoteSecretOf(onSolana.headers()["payment-signature"]),
      ...{ merchantKey: cafe.key, renewedKey: renewed, webhookSecret: cafe.webhookSecret },
      rotatedWebhookSecret: NewSecret.parse(rotated.body).data.secret,
    },
  };
}

/** PAY2, which shows the quote's secret in a header. */
async function claimTransfer(world: TestWorld, url: string, to: string) {
  const { quoteId, quoteSecret } = Required.parse((await readAnswer(await fetch(url, { method: "POST" }))).body);
  const payer = await solanaPayer(world);
  const signature = await payer.pay({ to, units: 100_000n, memo: quoteId });
  const proof = Buffer.from(JSON.stringify({ signature, quoteId, proof: quoteSecret })).toString("base64");
  const headers = { "x-payment-authorization": `PAY2 ${proof}` };
  const claim = async () => readAnswer(await fetch(url, { method: "POST", headers }));
  const { body } = await until("the transfer", claim, ({ status }) => status === 200);
  return { claimedToken: z.string().parse(body.sessionToken), claimedQuote: quoteSecret, claimedProof: proof };
}

const Signed = z.object({ accepted: z.object({ extra: z.object({ quote: z.string() }) }) });

function quoteSecretOf(header = ""): string {
  return Signed.parse(JSON.parse(Buffer.from(header, "base64").toString("utf8"))).accepted.extra.quote;
}

/** Follows a session by the address that names its token, to its end. */
function watch(url: string): Promise<number> {
  const socket = new WebSocket(url);
  return new Promise((resolve, reject) => socket.on("close", resolve).on("error", reject));
}

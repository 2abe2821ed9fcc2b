import { createSIWxPayload, encodeSIWxHeader } from "@x402/extensions/sign-in-with-x";
import { privateKeyToAccount } from "viem/accounts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import { openSignIn } from "../../../../src/integrations/x402/sign-in.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { sessionRows } from "../sessions/session-world.ts";

const PATH = "/api/v1/sessions/recover";
const buyer = privateKeyToAccount(`0x${"42".repeat(32)}`);
const CAIP2 = "eip155:84532";

const Challenge = z.object({
  extensions: z.object({
    "sign-in-with-x": z.object({
      info: z.object({
        ...{ domain: z.string(), uri: z.string(), version: z.string(), nonce: z.string(), issuedAt: z.string() },
        ...{ expirationTime: z.string(), statement: z.string(), resources: z.array(z.string()) },
      }),
    }),
  }),
});
const Found = z.object({ sessions: z.array(z.object({ sessionId: z.string(), sessionToken: z.string() })) });

let app: TestApp;
let world: ReturnType<typeof sessionRows>;
beforeAll(async () => {
  app = await startTestApp({}, ({ database, clock, masterKey, vendor }) => {
    const network = { id: CAIP2, caip2: CAIP2, v1Name: "base-sepolia", kind: "evm", shortName: "base" } as const;
    const networks = [{ ...network, isTest: true, tokens: [] }];
    return { signIn: openSignIn({ database, clock, masterKey, publicUrl: vendor.publicUrl, networks }) };
  });
  world = sessionRows({ ...app, masterKey: app.context.masterKey });
});
afterAll(() => app?.close());

async function signed(): Promise<string> {
  const { status, body } = await app.call(PATH, { method: "POST" });
  expect(status).toBe(401);
  const { info } = Challenge.parse(body).extensions["sign-in-with-x"];
  const payload = await createSIWxPayload(
    { ...info, chainId: CAIP2, type: "eip191" },
    buyer,
    `https://${info.domain}/`,
  );
  return encodeSIWxHeader(payload);
}

async function recover(json?: object): Promise<z.infer<typeof Found>["sessions"]> {
  const headers = { "sign-in-with-x": await signed() };
  const { status, body } = await app.call(PATH, { method: "POST", headers, ...(json === undefined ? {} : { json }) });
  expect(status).toBe(200);
  return Found.parse(body).sessions;
}

it("gives a payer that lost its tokens those of its running sessions, and no other's", async () => {
  const payer = buyer.address;
  const first = await world.sell({ payer });
  const second = await world.sell({ payer });
  const over = await world.sell({ payer });
  await world.endIn(over.session.id, -1);
  await world.sell();
  await world.sell({ payer, network: "solana:local" });
  const found = await recover();
  const sort = (tokens: readonly string[]) => [...tokens].sort();
  expect(sort(found.map(({ sessionToken }) => sessionToken))).toEqual(sort([first.token, second.token]));
  const { assetId } = second.session;
  expect(await recover({ assetId })).toMatchObject([{ sessionId: second.session.id, sessionToken: second.token }]);
});

it("tells nothing without a signature, and takes each challenge once", async () => {
  expect(await app.call(PATH, { method: "POST" })).toMatchObject({ status: 401, body: { code: "sign_in_required" } });
  const headers = { "sign-in-with-x": await signed() };
  expect((await app.call(PATH, { method: "POST", headers })).status).toBe(200);
  expect(await app.call(PATH, { method: "POST", headers })).toMatchObject({
    status: 401,
    body: { code: "sign_in_invalid" },
  });
});

import { createServer, type RequestListener } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { callOfficex } from "../../../src/integrations/officex/call-officex.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server on loopback that answers as told, and the organisation that reaches it. */
async function serve(listener: RequestListener) {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    listener(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("no address");
  const host = `127.0.0.1:${address.port}`;
  const organisation = {
    host: { base: `http://${host}`, host, isPlain: true },
    orgId: "DriveID_1",
    apiKey: "c2VjcmV0LWtleQ==",
  };
  return { organisation, asked: () => asked };
}

const request = { path: "purchases/update", body: { id: "PurchaseID_1" } };
const answering = (status: number, body: unknown, headers = {}) =>
  serve((_, response) =>
    response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body)),
  );

describe("callOfficex", () => {
  it.each([
    [200, { ok: { data: {} } }, "delivered", true],
    [400, { err: { code: 400, message: "no" } }, "rejected", true],
    [401, { err: { code: 401, message: "no" } }, "refused", true],
    [403, { err: { code: 403, message: "no" } }, "refused", true],
    [404, { err: { code: 404, message: "no" } }, "not_found", false],
    [429, { err: { code: 429, message: "no" } }, "rate_limited", false],
    [500, { err: { code: 500, message: "no" } }, "unavailable", false],
    [502, "<html>Bad gateway</html>", "unavailable", false],
    [200, { err: { code: 403, message: "no" } }, "refused", true],
    [200, { err: { code: "SOMETHING", message: "no" } }, "reply_not_understood", false],
    [200, "<html>Welcome</html>", "reply_not_understood", false],
    [302, "", "redirected", true],
  ])("reads %i %j as %s", async (status, body, outcome, isFinal) => {
    const { organisation } = await answering(status, body, { location: "http://127.0.0.1:9/" });
    expect(await callOfficex({}, organisation, request)).toMatchObject({ outcome, isFinal });
  });

  it("keeps nothing of what the other side wrote, and nothing of the key", async () => {
    const { organisation } = await serve((incoming, response) =>
      response
        .writeHead(403)
        .end(JSON.stringify({ err: { code: 403, message: `bad ${incoming.headers.authorization}` } })),
    );
    const outcome = JSON.stringify(await callOfficex({}, organisation, request));
    expect(outcome).not.toMatch(/Bearer|c2Vj|bad/);
  });

  it("asks again as late as the other side wishes, at most a day later", async () => {
    const { organisation } = await answering(429, "", { "retry-after": "90" });
    expect(await callOfficex({}, organisation, request)).toMatchObject({ retryAfterSeconds: 90 });
    const { organisation: slow } = await answering(503, "", { "retry-after": "999999999" });
    expect(await callOfficex({}, slow, request)).toMatchObject({ retryAfterSeconds: 86_400 });
  });

  it("reads no endless answer, and takes a dead server as one to try again", async () => {
    const endless = await answering(200, "x".repeat(100_000));
    expect(await callOfficex({}, endless.organisation, request)).toMatchObject({
      outcome: "outbound_response_too_large",
    });
    const cut = await serve((incoming) => incoming.socket.destroy());
    expect(await callOfficex({}, cut.organisation, request)).toMatchObject({
      outcome: "outbound_unreachable",
      isFinal: false,
    });
  });

  it.each([["https://hooks.example.com"], ["https://officex.app"]])(
    "O01: does not call a listed https host whose name resolves to a private address: %s",
    async (base) => {
      const { organisation, asked } = await serve((_, response) => response.end("{}"));
      for (const address of ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1"]) {
        const resolve = () => Promise.resolve([{ address, family: address.includes(":") ? 6 : 4 }]);
        const host = { base, host: new URL(base).host, isPlain: false };
        const outcome = await callOfficex({ resolve }, { ...organisation, host }, request);
        expect(outcome).toMatchObject({ outcome: "outbound_address_refused", isFinal: true });
      }
      expect(asked()).toBe(0);
    },
  );

  it.each(["", "..", ".", "a/b", "a?b", "a#b", "%2e%2e", " a", "a\r\nx: y"])(
    "calls nothing for the organisation id %j, which would be another address",
    async (orgId) => {
      const { organisation, asked } = await answering(200, { ok: {} });
      expect(await callOfficex({}, { ...organisation, orgId }, request)).toMatchObject({ outcome: "org_not_usable" });
      expect(asked()).toBe(0);
    },
  );

  it.each(["", "a\r\nX-Admin: 1", "schlüssel", "x".repeat(5000)])(
    "sends no key that is no header: %j",
    async (apiKey) => {
      const { organisation, asked } = await answering(200, { ok: {} });
      expect(await callOfficex({}, { ...organisation, apiKey }, request)).toMatchObject({ outcome: "key_not_usable" });
      expect(asked()).toBe(0);
    },
  );
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mintApiKey } from "../../src/identity/api-keys.ts";
import { problemIn, sendRaw } from "../platform/http/served-routes.ts";
import type { ServedKeys } from "./served-keys.ts";
import { ADMIN_TOKEN, serveKeys } from "./served-keys.ts";

let keys: ServedKeys;
let customerKey: string;
let vendorKey: string;
beforeAll(async () => {
  keys = await serveKeys();
  customerKey = (await mintApiKey(keys.database, { kind: "customer", subject: "pur_a" })).key;
  vendorKey = (await mintApiKey(keys.database, { kind: "vendor", subject: "pur_a" })).key;
});
afterAll(() => keys.close());

const bearer = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });

describe("a valid key", () => {
  it("is accepted as Bearer, in any case, and as X-API-Key", async () => {
    for (const headers of [
      { authorization: `bearer ${customerKey}` },
      { authorization: `BEARER  ${customerKey}` },
      { "x-api-key": customerKey },
    ]) {
      const reply = await keys.served.call("/purchase/pur_a", { headers });
      expect([reply.status, reply.json]).toEqual([200, { kind: "customer", subject: "pur_a" }]);
    }
  });

  it("opens a route of several schemes as whichever it is", async () => {
    expect((await keys.served.call("/either", bearer(customerKey))).json).toEqual({
      kind: "customer",
      subject: "pur_a",
    });
    expect((await keys.served.call("/either", bearer(vendorKey))).json).toEqual({ kind: "vendor", subject: "pur_a" });
  });

  it("is 404 on another's resource, the same as one that does not exist", async () => {
    const [others, absent] = await Promise.all(
      ["pur_b", "pur_none"].map((id) => keys.served.call(`/purchase/${id}`, bearer(customerKey))),
    );
    expect([others?.status, absent?.status]).toEqual([404, 404]);
    expect(others && problemIn(others).code).toBe(absent && problemIn(absent).code);
  });

  it("never appears in the log", () => {
    expect(keys.served.lines.join("")).not.toContain(customerKey.slice(8));
  });
});

describe("401 unauthorized", () => {
  it("asks for a credential where there is none", async () => {
    const reply = await keys.served.call("/purchase/pur_a");
    expect([reply.status, problemIn(reply).code]).toEqual([401, "unauthorized"]);
    expect(reply.headers.get("www-authenticate")).toBe('Bearer realm="tollkeeper"');
  });

  it("A11: for SQL, markup, foreign scripts and megabytes in the header, never 500", async () => {
    const hostile = [
      "' OR '1'='1",
      "cbk_' UNION SELECT hash FROM api_keys --",
      "cbk_%00",
      `cbk_${"a".repeat(42)}'`,
      "cbk_$(id)",
      "cbk_\u00e9\u00ff".padEnd(60, "\u00e9"),
      `cbk_${"A".repeat(43)}`,
      `cbk_${"A".repeat(9000)}`,
      "null",
      "[object Object]",
    ];
    for (const credential of hostile) {
      for (const header of [`Authorization: Bearer ${credential}`, `X-API-Key: ${credential}`]) {
        const head = `GET /purchase/pur_a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header}\r\n\r\n`;
        const answer = await sendRaw(keys.served.server, Buffer.from(head, "latin1"));
        expect([credential.slice(0, 60), answer.slice(0, 13)]).toEqual([credential.slice(0, 60), "HTTP/1.1 401 "]);
      }
    }
    const answer = await sendRaw(
      keys.served.server,
      `GET /either HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${"a".repeat(100_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    for (const scheme of ["Basic dXNlcjpwYXNz", "Bearer", "Bearer ", `Digest ${customerKey}`, customerKey]) {
      expect((await keys.served.call("/purchase/pur_a", { headers: { authorization: scheme } })).status).toBe(401);
    }
  });
});

describe("403 forbidden", () => {
  it("tells the holder of a valid key of another kind what is needed, even on a path that is not theirs", async () => {
    for (const [path, key, words] of [
      ["/purchase/pur_a", vendorKey, ["customerKey", "vendor's"]],
      ["/purchase/pur_none", ADMIN_TOKEN, ["customerKey", "admin's"]],
      ["/operate", customerKey, ["adminToken", "customer's"]],
    ] as const) {
      const reply = await keys.served.call(path, bearer(key));
      expect([reply.status, problemIn(reply).code]).toEqual([403, "forbidden"]);
      for (const word of words) expect(problemIn(reply).detail).toContain(word);
    }
  });

  it("is not for a key that ended: that is as unknown as any other", async () => {
    const ended = await mintApiKey(keys.database, { kind: "vendor", subject: "pur_b", expiresAt: new Date(0) });
    expect((await keys.served.call("/purchase/pur_b", bearer(ended.key))).status).toBe(401);
  });
});

describe("the operator's token", () => {
  it("opens the operator's routes, and nothing near it does", async () => {
    expect((await keys.served.call("/operate", bearer(ADMIN_TOKEN))).json).toEqual({ kind: "admin", subject: "admin" });
    for (const wrong of [`${ADMIN_TOKEN}x`, ADMIN_TOKEN.slice(0, -1), ADMIN_TOKEN.toUpperCase(), "x"]) {
      expect((await keys.served.call("/operate", bearer(wrong))).status).toBe(401);
    }
  });

  it("503 not_configured while it is unset, whatever is sent: never an open door", async () => {
    const unset = await serveKeys({ adminToken: undefined });
    for (const init of [{}, bearer(""), bearer("undefined"), bearer(ADMIN_TOKEN)]) {
      const reply = await unset.served.call("/operate", init);
      expect([reply.status, problemIn(reply).code]).toEqual([503, "not_configured"]);
    }
    await unset.close();
  });
});

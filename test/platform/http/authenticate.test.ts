import { describe, expect, it } from "vitest";
import { compileAuthentication, readBearer } from "../../../src/platform/http/authenticate.ts";

let asked = 0;
const operator = {
  configured: true,
  challenge: 'Bearer realm="test"',
  documentation: { type: "http", scheme: "bearer", description: "the operator's token." },
  read: readBearer,
  verify: async (credential: string) => {
    asked += 1;
    return credential === "right" ? ({ kind: "admin", subject: "admin" } as const) : undefined;
  },
};
const bearer = (credential: string) => ({ authorization: `Bearer ${credential}` });

describe("compileAuthentication", () => {
  it("admits the known, and tells the missing from the unknown without telling why", async () => {
    const authenticate = compileAuthentication(["adminToken"], { adminToken: operator });
    expect(await authenticate(bearer("right"))).toEqual({ kind: "admin", subject: "admin" });
    await expect(async () => authenticate({})).rejects.toMatchObject({
      status: 401,
      message: "This endpoint needs a credential: the operator's token.",
    });
    await expect(async () => authenticate(bearer("wrong"))).rejects.toMatchObject({
      status: 401,
      message: "The credential is not valid.",
    });
  });

  it("lets a public route know a caller who shows a credential, and refuses a wrong one rather than ignore it", async () => {
    const authenticate = compileAuthentication(["none", "adminToken"], { adminToken: operator });
    expect(await authenticate({})).toEqual({ kind: "anonymous" });
    expect(await authenticate(bearer("right"))).toMatchObject({ kind: "admin" });
    await expect(async () => authenticate(bearer("wrong"))).rejects.toMatchObject({ status: 401 });
  });

  it("looks up no credential longer than 8192 characters", async () => {
    asked = 0;
    for (const schemes of [["adminToken"], ["none", "adminToken"]] as const) {
      const authenticate = compileAuthentication(schemes, { adminToken: operator });
      await expect(async () => authenticate(bearer("x".repeat(8193)))).rejects.toMatchObject({ status: 401 });
    }
    expect(asked).toBe(0);
  });

  it("fails closed when nothing it names is configured", async () => {
    const authenticate = compileAuthentication(["adminToken"], { adminToken: { ...operator, configured: false } });
    await expect(async () => authenticate(bearer("right"))).rejects.toMatchObject({
      status: 503,
      code: "not_configured",
    });
  });
});

describe("readBearer", () => {
  it("reads RFC 6750's form only", () => {
    expect([bearer("t"), { authorization: "bearer  t " }].map(readBearer)).toEqual(["t", "t"]);
    for (const authorization of ["", "t", "Bearer", "Bearer ", "Basic t", "Bearert"])
      expect(readBearer({ authorization })).toBeUndefined();
    expect(readBearer({})).toBeUndefined();
  });
});

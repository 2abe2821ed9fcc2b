import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appRoutes } from "../../../src/app.ts";
import { readApiConfig } from "../../../src/config.ts";
import { createVerifiers } from "../../../src/identity/verifiers.ts";
import type { Route } from "../../../src/platform/http/define-route.ts";
import { apiEnvironment, startTestApp, type TestApp } from "../../support/app.ts";

let app: TestApp;
let routes: readonly Route[];
beforeAll(async () => {
  app = await startTestApp();
  const config = readApiConfig(apiEnvironment("postgres://nobody@127.0.0.1/none"));
  const { context } = app;
  const verifiers = createVerifiers({ keys: context.keys, adminToken: undefined });
  routes = appRoutes({ context, config, isDraining: () => false }, verifiers);
});
afterAll(() => app.close());

const limitOf = (operationId: string) => {
  const route = routes.find((candidate) => candidate.operationId === operationId);
  if (route === undefined) throw new Error(`no endpoint is called ${operationId}`);
  return route.rateLimit;
};

describe("seed 001's rate limits", () => {
  it("counts whatever may be paid by address", () => {
    expect(["requestAccess", "extendSession", "recoverSessions"].map(limitOf)).toEqual(
      Array.from({ length: 3 }, () => "payment"),
    );
  });

  it("counts everything that takes a merchant's key by that key", () => {
    const merchants = routes.filter(({ auth, path }) => auth.includes("merchantKey") && path.startsWith("/api/"));
    expect(merchants.length).toBeGreaterThan(10);
    expect(merchants.filter(({ rateLimit }) => rateLimit !== "api").map(({ path }) => path)).toEqual([]);
  });

  it("exempts the status of assets, sessions and payments", () => {
    const exempt = ["getAssetStatus", "getAccessStatus", "getSessionStatus", "getAccessPayment"];
    expect(exempt.map(limitOf)).toEqual(exempt.map(() => undefined));
  });

  it("leaves no other endpoint of the room without a limit", () => {
    const open = routes.filter(({ path, rateLimit }) => path.startsWith("/api/v1/") && rateLimit === undefined);
    expect(open.filter(({ path }) => !/status$|payments\/:paymentId$/.test(path)).map(({ path }) => path)).toEqual([]);
  });
});

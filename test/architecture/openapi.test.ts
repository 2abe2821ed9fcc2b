import { HDNodeWallet } from "ethers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { appRoutes, createApp } from "../../src/app.ts";
import { readApiConfig } from "../../src/config.ts";
import type { ApiContext } from "../../src/context.ts";
import { openApiContext } from "../../src/context.ts";
import { createVerifiers } from "../../src/identity/verifiers.ts";
import type { Route } from "../../src/platform/http/define-route.ts";
import type { RunningServer } from "../../src/platform/http/serve.ts";
import { startServer } from "../../src/platform/http/serve.ts";

const Members = z.record(z.string(), z.unknown());
const Document = z.looseObject({
  paths: z.record(z.string(), z.record(z.string(), z.looseObject({ operationId: z.string() }))),
  components: z.object({ schemas: Members, securitySchemes: Members }),
});

const ACCOUNT = HDNodeWallet.fromPhrase(
  "test test test test test test test test test test test junk",
  undefined,
  "m/44'/60'/0'",
);

/** A configuration that opens nothing: the document is made from values alone. */
const config = readApiConfig({
  NODE_ENV: "test",
  LOG_LEVEL: "silent",
  SECRETS_DIR: "none",
  DATABASE_URL: "postgres://nobody@127.0.0.1:9/none",
  TOLLKEEPER_MASTER_KEY: "00".repeat(32),
  RPC_ENDPOINT: "http://127.0.0.1:9",
  CHAIN_ID_DEC: "31337",
  CHAIN_NAME: "test",
  USDC_ADDRESS: `0x${"11".repeat(20)}`,
  DEPOSIT_XPUB: ACCOUNT.neuter().extendedKey,
});

let context: ApiContext;
let server: RunningServer;
let routes: readonly Route[];
let document: z.infer<typeof Document>;
beforeAll(async () => {
  context = await openApiContext(config);
  const needs = { context, config, isDraining: () => false };
  routes = appRoutes(needs, createVerifiers({ keys: context.keys, adminToken: undefined }));
  server = await startServer(context, createApp(needs), { host: "127.0.0.1", port: 0, requestTimeoutMs: 5_000 });
  document = Document.parse(await (await fetch(`${server.url}/openapi.json`)).json());
});
afterAll(async () => {
  await server.drain(0);
  await context.close();
});

const spellings = () =>
  routes.flatMap((route) =>
    [route.path, ...(route.aliases ?? [])].map((path) => ({
      route,
      path,
      template: path.replaceAll(/:(\w+)/g, "{$1}"),
    })),
  );

describe("the OpenAPI document", () => {
  it("is the committed one: an API change is a reviewed change", async () => {
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot("./openapi.json");
  });

  it("holds exactly the mounted endpoints", () => {
    const documented = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    const mounted = spellings().filter(({ route }) => route.hidden !== true);
    expect(documented.sort()).toEqual(mounted.map(({ route, template }) => `${route.method} ${template}`).sort());
  });

  it("holds exactly the methods each path answers over HTTP", async () => {
    for (const { path, template } of spellings()) {
      const allow =
        (await fetch(server.url + path.replaceAll(/:\w+/g, "x"), { method: "OPTIONS" })).headers.get("allow") ?? "";
      const answered = allow.split(", ").filter((method) => method !== "OPTIONS" && method !== "HEAD");
      const hidden = routes
        .filter((route) => route.hidden === true && route.path === path)
        .map((route) => route.method);
      const documented = [...Object.keys(document.paths[template] ?? {}), ...hidden];
      expect([path, answered.sort()]).toEqual([path, documented.map((method) => method.toUpperCase()).sort()]);
    }
  });

  it("names every operation once and every scheme and schema it refers to", () => {
    const ids = Object.values(document.paths)
      .flatMap((item) => Object.values(item))
      .map((operation) => Reflect.get(Object(operation), "operationId"));
    expect(new Set(ids).size).toBe(ids.length);
    const text = JSON.stringify(document);
    const schemas = Object.keys(document.components.schemas);
    for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) expect(schemas).toContain(name);
    expect(text).not.toMatch(/"#\/\$defs|"#"/);
    const schemes = Object.keys(document.components.securitySchemes);
    for (const route of routes) for (const name of route.auth) expect([...schemes, "none"]).toContain(name);
  });
});

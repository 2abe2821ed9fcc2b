import type { Knex } from "knex";
import { z } from "zod";
import type { KeyCache } from "../../src/identity/key-cache.ts";
import { openKeyCache } from "../../src/identity/key-cache.ts";
import { requireSubject } from "../../src/identity/principal.ts";
import { createVerifiers } from "../../src/identity/verifiers.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { defineRoute } from "../../src/platform/http/define-route.ts";
import { PathNotFound } from "../../src/platform/http/errors.ts";
import { createLogger } from "../../src/platform/logger.ts";
import type { ServedRoutes } from "../platform/http/served-routes.ts";
import { serveRoutes } from "../platform/http/served-routes.ts";
import { createTestDatabase } from "../support/database.ts";

/** Two server processes' worth of identity on one real database, behind real routes. */
export type ServedKeys = {
  readonly database: Knex;
  readonly served: ServedRoutes;
  readonly cache: KeyCache;
  readonly clock: { offsetMs: number };
  close(): Promise<void>;
};

/** The admin token the routes here accept. */
export const ADMIN_TOKEN = "operator-token-of-these-tests-0001";

const Caller = z.object({ kind: z.string(), subject: z.string() });

const readPurchase = defineRoute({
  operationId: "readPurchase",
  summary: "A customer's own purchase",
  method: "get",
  path: "/purchase/:id",
  auth: ["customerKey"],
  reply: { status: 200, schema: Caller },
  handler: ({ params, principal }) => {
    requireSubject(principal, params.id, () => new PathNotFound());
    return { kind: principal.kind, subject: principal.subject };
  },
});

const eitherKey = defineRoute({
  operationId: "eitherKey",
  summary: "Customer or vendor",
  method: "get",
  path: "/either",
  auth: ["customerKey", "vendorKey"],
  reply: { status: 200, schema: Caller },
  handler: ({ principal }) => ({ kind: principal.kind, subject: principal.subject }),
});

const operate = defineRoute({
  operationId: "operate",
  summary: "Operator only",
  method: "get",
  path: "/operate",
  auth: ["adminToken"],
  reply: { status: 200, schema: Caller },
  handler: ({ principal }) => ({ kind: principal.kind, subject: principal.subject }),
});

const tick = defineRoute({
  operationId: "tick",
  summary: "A stream that runs until the caller has enough",
  method: "get",
  path: "/ticks",
  auth: ["vendorKey"],
  timeoutMs: 0,
  reply: { status: 200, contentType: "text/event-stream" },
  handler: async function* () {
    for (let count = 1; count <= 4; count += 1) {
      yield `data: ${count}\n\n`;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
});

/** Opens everything; `adminToken: undefined` leaves the operator's routes unconfigured. */
export async function serveKeys(
  options: { readonly adminToken?: string | undefined } = { adminToken: ADMIN_TOKEN },
): Promise<ServedKeys> {
  const test = await createTestDatabase();
  const database = openDatabase(test.applicationUrl, { maxConnections: 8, name: "identity-test" });
  const clock = { offsetMs: 0 };
  const cache = await openKeyCache({
    database,
    listenUrl: test.applicationUrl,
    logger: createLogger({ level: "silent", name: "test" }),
    clock: { now: () => Date.now() + clock.offsetMs },
  });
  const verifiers = createVerifiers({ keys: cache, adminToken: options.adminToken });
  const served = await serveRoutes([readPurchase, eitherKey, operate, tick], { verifiers });
  return {
    database,
    served,
    cache,
    clock,
    close: async () => {
      await served.close();
      await cache.stop();
      await database.destroy();
      await test.drop();
    },
  };
}

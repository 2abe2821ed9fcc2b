import { randomBytes, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { z } from "zod";
import { systemClock } from "../../src/platform/clock.ts";
import { openDatabase } from "../../src/platform/database/pool.ts";
import { defineRoute } from "../../src/platform/http/define-route.ts";
import { createMetrics } from "../../src/platform/http/metrics.ts";
import { createApplication } from "../../src/platform/http/mount-routes.ts";
import { startServer } from "../../src/platform/http/serve.ts";
import { createLogger } from "../../src/platform/logger.ts";
import { parseMasterKey } from "../../src/platform/secrets.ts";

// Two yardsticks in a process of their own: `tsx unpaid-server.ts DATABASE_URL`. It writes its port and serves until killed. `/empty/:id` is
// our HTTP with nothing behind it. `/naive/:id` is the 402 of a first version: what the facilitator supports is asked each time, and asset,
// wallets and quote are a query each, one after another; that facilitator answers at once and from this process, so it costs next to nothing.
const [databaseUrl] = z.tuple([z.string()]).parse(process.argv.slice(2));

const KINDS = {
  kinds: [
    { x402Version: 2, scheme: "exact", network: "eip155:31337", extra: {} },
    { x402Version: 2, scheme: "exact", network: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", extra: { feePayer: "f" } },
  ],
};
const facilitator = createServer((_, reply) => {
  reply.setHeader("content-type", "application/json").end(JSON.stringify(KINDS));
});
await new Promise<void>((resolve) => facilitator.listen(0, "127.0.0.1", resolve));
const address = facilitator.address();
const supportedUrl = `http://127.0.0.1:${address === null || typeof address === "string" ? 0 : address.port}/supported`;

const Supported = z.object({
  kinds: z.array(z.object({ network: z.string(), extra: z.record(z.string(), z.unknown()) })),
});
const Reply = z.looseObject({ x402Version: z.number() });
const logger = createLogger({ level: "warn", name: "bench" });
const database = openDatabase(databaseUrl, { maxConnections: 16, name: "bench-http" });

const base = { summary: "bench", method: "post", auth: ["none"], params: z.object({ id: z.string() }) } as const;
const replies = [{ status: 402, schema: Reply }] as const;
const empty = defineRoute({
  ...{ ...base, operationId: "empty", path: "/empty/:id", replies },
  handler: async () => ({ status: 402, body: { x402Version: 1 } }) as const,
});
const naive = defineRoute({
  ...{ ...base, operationId: "naive", path: "/naive/:id", replies },
  handler: async ({ params }) => offer(params.id),
});

async function offer(assetId: string) {
  const asset = await database("assets").where("id", assetId).first();
  const wallets: { network: string; address: string }[] = await database("merchant_wallets").where(
    "merchant_id",
    asset.merchant_id,
  );
  const { kinds } = Supported.parse(await (await fetch(supportedUrl)).json());
  const accepts = kinds.flatMap(({ network, extra }, index) => {
    const payTo = wallets[index]?.address;
    const terms = { scheme: "exact", network, amount: "10000", asset: "usdc", payTo, maxTimeoutSeconds: 120, extra };
    return payTo === undefined ? [] : [terms];
  });
  const now = new Date();
  await database("access_quotes").insert({
    ...{ id: `naive_${randomUUID()}`, secret_hash: randomBytes(32), merchant_id: asset.merchant_id, asset_id: assetId },
    ...{ unit: asset.unit, unit_seconds: asset.unit_seconds, units: 1, price_nanodollars: asset.price_nanodollars },
    ...{ total_nanodollars: asset.price_nanodollars, settlement_mode: "direct", options: JSON.stringify(accepts) },
    ...{ created_at: now, expires_at: new Date(now.getTime() + 120_000) },
  });
  const required = { x402Version: 2, resource: { url: `http://bench/${assetId}` }, accepts };
  const header = Buffer.from(JSON.stringify(required)).toString("base64");
  return { status: 402, body: { ...required, x402Version: 1 }, headers: { "payment-required": header } } as const;
}

const application = createApplication([empty, naive], {
  ...{ logger, clock: systemClock, verifiers: {}, corsOrigins: [], trustProxy: "loopback", bodyLimitBytes: 1_048_576 },
  ...{ requestTimeoutMs: 30_000, rateLimits: "off", validateReplies: false },
  idempotency: {
    database,
    masterKey: parseMasterKey(randomBytes(32).toString("hex")),
    ...{ retentionSeconds: 60, leaseSeconds: 60 },
  },
  metrics: createMetrics({ processMetrics: false }),
});
const server = await startServer({ logger }, application, { host: "127.0.0.1", port: 0, requestTimeoutMs: 30_000 });
process.stdout.write(`${server.port}\n`);

import { decodePaymentRequiredHeader } from "@x402/core/http";
import { PaymentRequiredSchema } from "@x402/core/schemas";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { X402Network } from "../../../src/integrations/x402/networks.ts";
import { paymentRequired, paymentRequiredObject } from "../../../src/integrations/x402/payment-required.ts";
import { openSignIn } from "../../../src/integrations/x402/sign-in.ts";
import { defineRoute } from "../../../src/platform/http/define-route.ts";
import { serveRoutes } from "../../platform/http/served-routes.ts";
import {
  BASE_SEPOLIA,
  NAMELESS,
  optionFor,
  QUOTE_ID,
  QUOTE_SECRET,
  RESOURCE_URL,
  requiredOf,
  SOLANA,
} from "./offers.ts";
import { signInNeeds } from "./sign-in-needs.ts";

const POLYGON: X402Network = { ...BASE_SEPOLIA, id: "eip155:137", caip2: "eip155:137", v1Name: "polygon" };
const solana = optionFor(SOLANA);
const evm = optionFor(BASE_SEPOLIA);

describe("paymentRequired", () => {
  it("says it in seed 001's headers, of the first way to pay", () => {
    expect(paymentRequired(requiredOf([solana, evm])).headers).toMatchObject({
      "x-cost": "0.01",
      "x-address": solana.payTo,
      "x-facilitator": "https://facilitator.payai.network",
      "x-network": "solana-devnet",
      "x-unit": "minute",
      "x-units": "10",
      "x-total": "0.10",
      "x-quote-id": QUOTE_ID,
      "x-quote-expires": "2026-11-21T12:05:00.000Z",
    });
    expect(paymentRequired(requiredOf([optionFor(NAMELESS)])).headers["x-network"]).toBe("eip155:31337");
  });

  it("X17: forbids every cache to keep it", () => {
    expect(paymentRequired(requiredOf([solana])).headers["cache-control"]).toBe("no-store");
  });

  it("says it to v2 clients in one header, which their own package reads", () => {
    const { headers } = paymentRequired(requiredOf([solana, evm]));
    const read = decodePaymentRequiredHeader(headers["PAYMENT-REQUIRED"] ?? "");
    expect(PaymentRequiredSchema.safeParse(read).success).toBe(true);
    expect(read.accepts).toEqual([solana.requirements, evm.requirements]);
    expect(read.resource).toEqual({
      url: RESOURCE_URL,
      description: "GPU 1",
      mimeType: "application/json",
      serviceName: "Render Farm",
      tags: ["gpu"],
    });
  });

  it("says it to v1 clients in the body, with only the networks version 1 knows", () => {
    const { body } = paymentRequired(requiredOf([solana, optionFor(NAMELESS), evm]));
    expect(PaymentRequiredSchema.safeParse(body).success).toBe(true);
    expect(body.accepts).toEqual([solana.requirementsV1, evm.requirementsV1]);
    expect(body).toMatchObject({ x402Version: 1, error: "Payment is required.", reason: "payment_required" });
    expect(JSON.stringify(body)).not.toContain("outputSchema");
  });

  it("tells people and PAY2 what they need beside it", () => {
    const { body } = paymentRequired(requiredOf([solana]));
    expect(body).toMatchObject({
      quoteId: QUOTE_ID,
      quoteSecret: QUOTE_SECRET,
      units: 10,
      unit: "minute",
      total: "0.10",
    });
    expect(body.hints.join(" ")).toContain("setSpendControls");
    expect(body.hints.join(" ")).toContain("PAY2");
    expect(body.hints.join(" ")).toContain("X-PAYMENT");
    const withoutV1 = paymentRequired(requiredOf([optionFor(NAMELESS)])).body;
    expect(withoutV1).toMatchObject({ accepts: [], hints: expect.not.arrayContaining([expect.stringMatching("v1")]) });
  });

  it("cuts a merchant's labels to what clients take", () => {
    const resource = {
      url: RESOURCE_URL,
      description: "a".repeat(2_000),
      serviceName: `Größte Druckerei ${"x".repeat(60)}`,
      tags: ["1", "2", "3", "4", "5", "6", "🖨", "\r\nset-cookie: a"],
    };
    const read = PaymentRequiredSchema.parse(paymentRequiredObject(requiredOf([solana], { resource })));
    if (read.x402Version !== 2) throw new Error("The header is of version 2.");
    expect(read.resource.serviceName).toBe(`Grte Druckerei ${"x".repeat(17)}`);
    expect(read.resource.tags).toEqual(["1", "2", "3", "4", "5"]);
    const none = paymentRequiredObject(
      requiredOf([solana], { resource: { ...resource, serviceName: "日本", tags: ["🖨"] } }),
    );
    expect(Object.keys(none.resource ?? {})).toEqual(["url", "description", "mimeType"]);
  });

  it("stays below 8 kB with three networks, sign-in and the longest texts", () => {
    const networks = [SOLANA, BASE_SEPOLIA, POLYGON];
    const { challenge } = openSignIn({ ...signInNeeds(), networks });
    const url = `https://tollkeeper.example/api/v1/access/sessions/sess_${"a".repeat(64)}/extend`;
    const resource = {
      url,
      description: "🖨".repeat(2_000),
      serviceName: "s".repeat(60),
      tags: Array(9).fill("t".repeat(60)),
    };
    const { headers } = paymentRequired(
      requiredOf(
        networks.map((network) => optionFor(network)),
        { resource, extensions: challenge({ resourceUrl: url }) },
      ),
    );
    const size = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
    expect(size).toBeLessThan(8_000);
  });

  it("reaches a page's script, and preflight costs nothing", async () => {
    const route = defineRoute({
      operationId: "requestThing",
      summary: "A paid thing",
      method: "post",
      path: "/thing",
      auth: ["none"],
      replies: [{ status: 402, schema: z.looseObject({ x402Version: z.literal(1) }) }],
      handler: () => paymentRequired(requiredOf([solana])),
    });
    const served = await serveRoutes([route], { corsOrigins: ["https://shop.example"] });
    const origin = "https://shop.example";
    const paid = await served.call("/thing", { method: "POST", headers: { origin } });
    const asked = "payment-signature, access-control-expose-headers";
    const preflight = await served.call("/thing", {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": asked },
    });
    await served.close();
    expect([paid.status, paid.headers.get("access-control-allow-origin")]).toEqual([402, origin]);
    expect(paid.headers.get("access-control-expose-headers")).toContain("PAYMENT-REQUIRED");
    expect(paid.headers.get("cache-control")).toBe("no-store");
    expect([preflight.status, preflight.headers.get("access-control-allow-headers")]).toEqual([204, asked]);
  });

  it("is no answer without a way to pay", () => {
    expect(() => paymentRequired(requiredOf([]))).toThrow("helps nobody");
  });
});

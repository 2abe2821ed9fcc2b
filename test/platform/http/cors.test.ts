import { describe, expect, it } from "vitest";
import { createCors } from "../../../src/platform/http/cors.ts";

describe("createCors", () => {
  it("grants listed origins exactly, a trailing slash in the list aside", () => {
    const cors = createCors(["https://shop.example/", "http://localhost:3000"]);
    expect(cors.forAnswer({ origin: "https://shop.example" })).toMatchObject({
      "access-control-allow-origin": "https://shop.example",
      "access-control-allow-credentials": "true",
    });
    for (const origin of [
      "https://shop.example:444",
      "https://sub.shop.example",
      "https://shop.example/",
      "null",
      "",
    ]) {
      expect(cors.forAnswer({ origin })).toEqual({ vary: "Origin" });
    }
  });

  it("opens all origins for a sole star, but then without credentials", () => {
    const granted = createCors(["*"]).forAnswer({ origin: "https://any.example" });
    expect(granted["access-control-allow-origin"]).toBe("*");
    expect(granted["access-control-allow-credentials"]).toBeUndefined();
  });

  it("adds nothing where there is no list or no page", () => {
    expect(createCors([]).forAnswer({ origin: "https://any.example" })).toEqual({});
    expect(createCors(["https://shop.example"]).forAnswer({})).toEqual({});
  });

  it("lets a page's script read everything a payment's answers say", () => {
    const granted = createCors(["https://shop.example"]).forAnswer({ origin: "https://shop.example" });
    const exposed = String(granted["access-control-expose-headers"]).toLowerCase().split(", ");
    expect(exposed).toEqual(
      expect.arrayContaining([
        ...["payment-required", "payment-response", "x-payment-response", "retry-after", "location"],
        ...["x-cost", "x-address", "x-facilitator", "x-network", "x-unit", "x-units", "x-total"],
        ...["x-quote-id", "x-quote-expires"],
      ]),
    );
  });

  it("lets a page's script send payments, and the header that x402 clients send by mistake", () => {
    const asked =
      "payment-signature, x-payment, x-payment-authorization, idempotency-key, sign-in-with-x, access-control-expose-headers";
    const answer = createCors(["https://shop.example"]).forPreflight(
      { origin: "https://shop.example", "access-control-request-headers": asked },
      "POST, OPTIONS",
    );
    expect(answer["access-control-allow-headers"]).toBe(asked);
  });

  it("refuses the preflight of an origin off the list", () => {
    const answer = createCors(["https://shop.example"]).forPreflight(
      { origin: "https://evil.example" },
      "GET, OPTIONS",
    );
    expect(answer).toEqual({ vary: "Origin", allow: "GET, OPTIONS" });
  });
});

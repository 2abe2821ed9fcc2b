import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";
import { newWebhookSecret, signedHeaders } from "../../../src/integrations/notifications/webhook-signature.ts";

describe("signedHeaders", () => {
  const attemptedAt = new Date();
  const message = { id: "evt_1", attemptedAt, body: '{"a":"ü"}' };

  it("verifies with the Standard Webhooks library, and with no other body", () => {
    const secret = newWebhookSecret();
    const headers = signedHeaders({ ...message, secrets: [secret] });
    expect(new Webhook(secret).verify(message.body, headers)).toEqual({ a: "ü" });
    expect(() => new Webhook(secret).verify('{"a":"u"}', headers)).toThrow();
    expect(() => new Webhook(newWebhookSecret()).verify(message.body, headers)).toThrow();
  });

  it("verifies with the old and with the new secret while one replaces the other", () => {
    const secrets = [newWebhookSecret(), newWebhookSecret()];
    const headers = signedHeaders({ ...message, secrets });
    for (const secret of secrets) expect(new Webhook(secret).verify(message.body, headers)).toEqual({ a: "ü" });
  });

  it("signs as the specification's example says", () => {
    const example = signedHeaders({
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      attemptedAt: new Date(1614265330_000),
      body: '{"test": 2432232314}',
      secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"],
    });
    expect(example).toEqual({
      "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
      "webhook-timestamp": "1614265330",
      "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    });
  });

  it("sends nothing unsigned", () => {
    expect(() => signedHeaders({ ...message, secrets: [] })).toThrow("at least one secret");
  });

  it("makes secrets of 256 bits that never repeat", () => {
    const secrets = Array.from({ length: 50 }, newWebhookSecret);
    expect(new Set(secrets).size).toBe(50);
    for (const secret of secrets) expect(Buffer.from(secret.replace("whsec_", ""), "base64")).toHaveLength(32);
  });
});

import { describe, expect, it } from "vitest";
import { createLogger, redactText } from "../../src/platform/logger.ts";

const CUSTOMER_KEY = `cbk_${"k".repeat(43)}`;

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = [];
  write(createLogger({ level: "debug", name: "test", destination: { write: (line) => void lines.push(line) } }));
  return lines.join("");
}

describe("the log", () => {
  it("shows no member that is named like a secret, up to two levels down", () => {
    const secrets = {
      authorization: "hush-1",
      checkout_session_id: "hush-2",
      headers: { cookie: "hush-3", "x-api-key": "hush-4", authorization: "hush-5" },
      request: { body: { vendor_billing_api_key: "hush-6", secret_access_key: "hush-7" } },
    };
    const line = logged((logger) => logger.info({ ...secrets, visible: "shown" }, "event"));
    expect(line).not.toContain("hush");
    expect(line).toContain("shown");
  });

  it("shows no key, token or password inside an error's text, its stack or its causes", () => {
    const cause = new Error(`connect postgres://app:pa55word@db:5432/x with ${CUSTOMER_KEY}`);
    const line = logged((logger) =>
      logger.error({ err: new Error(`Bearer ${CUSTOMER_KEY} refused`, { cause }) }, "failed"),
    );
    expect(line).not.toMatch(/kkkk|pa55word/);
    expect(line).toContain("postgres://app:[redacted]@db");
  });

  it("shows no other member of an error, such as a driver's query and its values", () => {
    const failure = Object.assign(new Error("duplicate key"), {
      code: "23505",
      detail: "Key (email)=(a@example.com)",
      bindings: ["hush"],
    });
    const line = logged((logger) => logger.error({ err: failure }, "failed"));
    expect(line).toContain("23505");
    expect(line).not.toMatch(/hush|example\.com/);
  });

  it("keeps one event on one line whatever it holds", () => {
    const line = logged((logger) => logger.info({ name: 'a\n{"level":"fatal"}' }, "event\nforged"));
    expect(line.trimEnd().split("\n").length).toBe(1);
  });
});

describe("redactText", () => {
  it("hides our keys, licence tokens and private keys, and leaves ids and addresses", () => {
    const secret = `sk_live_${"a".repeat(32)} eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln 0x${"a".repeat(64)} whsec_${"b".repeat(24)}`;
    expect(redactText(secret)).toBe("[redacted] [redacted] [redacted] [redacted]");
    const token = `sess_${"s".repeat(43)}`;
    expect(redactText(`/api/v1/sessions/${token}/status?token=${token}&x=1`)).toBe(
      "/api/v1/sessions/[redacted]/status?token=[redacted]&x=1",
    );
    const proof = "a-_".repeat(15).slice(0, 43);
    expect(redactText(`quote qte_01k9abc.${proof}, /api/v1/access/payments/apy_01k9abc.${proof}?x=1`)).toBe(
      "quote qte_01k9abc.[redacted], /api/v1/access/payments/apy_01k9abc.[redacted]?x=1",
    );
    const plain = `pur_01k9abcdefgh 0x${"a".repeat(40)} keyboard`;
    expect(redactText(plain)).toBe(plain);
  });
});

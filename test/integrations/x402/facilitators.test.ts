import type { Knex } from "knex";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Facilitators, SupportedKind } from "../../../src/integrations/x402/facilitator.ts";
import { type FacilitatorSettings, openFacilitators } from "../../../src/integrations/x402/facilitators.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { createTestDatabase, type TestDatabase } from "../../support/database.ts";
import { startTestPayai, type TestPayai } from "../../support/payai.ts";

const SOLANA = { caip2: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", v1Name: "solana-devnet" };
const BASE = { caip2: "eip155:8453", v1Name: "base" };
const LOCAL = { caip2: "eip155:31337", v1Name: null };
const CALL = { x402Version: 2, paymentPayload: {}, paymentRequirements: {} } as const;

const kind = (network: string, extra = {}, x402Version: 1 | 2 = 2): SupportedKind => ({
  ...{ x402Version, scheme: "exact", network, extra },
});

let test: TestDatabase;
let database: Knex;
let payai: TestPayai;
let own: TestPayai;
const lines: string[] = [];
const clock = { offset: 0, now: () => Date.now() + clock.offset };
const opened: Facilitators[] = [];

beforeAll(async () => {
  test = await createTestDatabase();
  database = openDatabase(test.applicationUrl, { maxConnections: 4, name: "test" });
  [payai, own] = await Promise.all([startTestPayai(), startTestPayai()]);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((facilitators) => facilitators.stop()));
  await database("facilitator_kinds").update({ url: "http://elsewhere.example" });
  clock.offset = 0;
});
afterAll(async () => {
  await Promise.all([payai.stop(), own.stop()]);
  await database.destroy();
  await test.drop();
});

const says = (facilitator: TestPayai, kinds: readonly SupportedKind[] | null) =>
  facilitator.fail(
    "/supported",
    kinds === null
      ? { kind: "answer", status: 503, body: "" }
      : { kind: "answer", status: 200, body: JSON.stringify({ kinds }) },
  );

async function open(settings: Partial<FacilitatorSettings> = {}): Promise<Facilitators> {
  const logger = createLogger({ level: "info", name: "test", destination: { write: (line) => void lines.push(line) } });
  const payaiSetting = { payai: { url: payai.url, credentials: {} } };
  const facilitators = openFacilitators({ database, logger, clock }, { ...payaiSetting, own: [own.url], ...settings });
  opened.push(facilitators);
  await facilitators.started;
  return facilitators;
}

describe("openFacilitators", () => {
  it("chooses the first that can, and pins what it said: PayAI, then ours", async () => {
    says(payai, [kind(SOLANA.caip2, { feePayer: "p" }), kind("solana-devnet", { feePayer: "p" }, 1), kind(BASE.caip2)]);
    says(own, [kind(SOLANA.caip2, { feePayer: "o" }), kind(LOCAL.caip2)]);
    const { choose, all, preferredNetwork } = await open({ preferredNetwork: "solana-devnet" });
    expect(all.map(({ name, url }) => [name, url])).toEqual([
      ["payai", payai.url],
      ["own", own.url],
    ]);
    expect(choose(SOLANA)).toMatchObject({
      facilitator: { name: "payai" },
      extra: { feePayer: "p" },
      versions: [2, 1],
    });
    expect(choose(BASE)).toMatchObject({ facilitator: { name: "payai" }, extra: {}, versions: [2] });
    expect(choose(LOCAL)).toMatchObject({ facilitator: { name: "own" }, versions: [2] });
    expect(choose({ caip2: "eip155:1", v1Name: null })).toBeNull();
    expect(preferredNetwork).toBe("solana-devnet");
  });

  it("takes no Solana kind that names no fee payer, and no other scheme", async () => {
    says(payai, [kind(SOLANA.caip2), { ...kind(BASE.caip2), scheme: "upto" }]);
    says(own, []);
    const { choose } = await open();
    expect([choose(SOLANA), choose(BASE)]).toEqual([null, null]);
  });

  it("X07: starts while nobody answers, offers what was known before, and says how each does", async () => {
    says(payai, [kind(BASE.caip2)]);
    says(own, null);
    const first = await open();
    await expect.poll(async () => (await database("facilitator_kinds").where({ url: payai.url })).length).toBe(1);
    expect(first.health()).toEqual([
      { name: "payai", isFailing: false, isKnown: true },
      { name: "own", isFailing: false, isKnown: false },
    ]);
    says(payai, null);
    const second = await open();
    expect(second.choose(BASE)).toMatchObject({ facilitator: { name: "payai" } });
    const none = await open({ payai: { url: "http://127.0.0.1:9", credentials: {} }, own: [] });
    expect(none.choose(BASE)).toBeNull();
    expect((await open({ own: [] })).named("payai").name).toBe("payai");
    expect(() => none.named("own")).toThrow(expect.objectContaining({ code: "facilitator_unusable" }));
  });

  it("X07: passes over one that fails again and again, until it answers or has rested", async () => {
    says(payai, [kind(BASE.caip2)]);
    says(own, [kind(BASE.caip2)]);
    const { choose, named, health } = await open();
    payai.fail("/verify", { kind: "answer", status: 500, body: "" });
    for (let call = 0; call < 3; call += 1) await named("payai").verify(CALL);
    expect(choose(BASE)?.facilitator.name).toBe("own");
    expect(health()[0]).toMatchObject({ isFailing: true });
    clock.offset = 31_000;
    expect(choose(BASE)?.facilitator.name).toBe("payai");
    await named("payai").verify(CALL);
    expect(choose(BASE)?.facilitator.name).toBe("own");
    payai.fail("/verify", { kind: "answer", status: 200, body: '{"isValid":false,"invalidReason":"x"}' });
    await named("payai").verify(CALL);
    expect(choose(BASE)?.facilitator.name).toBe("payai");
  });

  it("still chooses one that fails where no other can", async () => {
    says(payai, [kind(BASE.caip2)]);
    says(own, []);
    const { choose, named } = await open();
    payai.fail("/settle", { kind: "answer", status: 502, body: "<html>" });
    for (let call = 0; call < 3; call += 1) await named("payai").settle(CALL);
    expect(choose(BASE)?.facilitator.name).toBe("payai");
  });

  it("sends PayAI its token and the version under the header that is named, ours its own, and logs neither", async () => {
    says(payai, [kind(BASE.caip2)]);
    const credentials = { keyId: payai.keyId, keySecret: payai.keySecret };
    const version = { header: "X-Payai-Version", value: "2024-01-24" };
    await open({ payai: { url: payai.url, credentials, version }, ownToken: "the-token-of-our-facilitator" });
    const seen = payai.calls.at(-1)?.headers;
    expect(seen).toMatchObject({
      "x-payai-version": "2024-01-24",
      authorization: expect.stringMatching(/^Bearer eyJ/),
    });
    await expect.poll(() => own.calls.at(-1)?.headers.authorization).toBe("Bearer the-token-of-our-facilitator");
    expect(lines.join("")).not.toContain(payai.keySecret.slice(0, 30));
    expect(lines.join("")).not.toContain("the-token-of-our-facilitator");
  });
});

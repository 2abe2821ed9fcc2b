import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Facilitator, FacilitatorChoice, SettleOutcome } from "../../../../src/integrations/x402/facilitator.ts";
import { openHttpFacilitator } from "../../../../src/integrations/x402/http-facilitator.ts";
import { openPayaiAuth } from "../../../../src/integrations/x402/payai-auth.ts";
import { systemClock } from "../../../../src/platform/clock.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";
import { startTestFacilitator, type TestFacilitator } from "../../../support/facilitator.ts";
import { startTestPayai, type TestPayai } from "../../../support/payai.ts";
import { solanaMissing, startTestSolana } from "../../../support/solana.ts";
import { openEvmPayments, openSolanaPayments, type TestPayments } from "../../../support/x402-payers.ts";

const chains = [
  { name: "EVM", missing: evmMissing, start: startEvm },
  { name: "Solana", missing: solanaMissing, start: startSolana },
] as const;

async function startEvm() {
  const evm = await startTestEvm();
  return { payments: await openEvmPayments(evm), stop: evm.stop };
}

async function startSolana() {
  // The pace of a real cluster: a blockhash then lives long enough for a slow machine.
  const solana = await startTestSolana({ slotTimeMs: 400 });
  return { payments: await openSolanaPayments(solana), stop: async () => solana.stop() };
}

describe.each(chains)("a facilitator on $name", ({ missing, start }) => {
  describe.skipIf(missing)("settles", () => {
    let test: TestDatabase;
    let chain: Awaited<ReturnType<typeof startEvm>>;
    let own: TestFacilitator;
    let payai: TestPayai;
    let extra: FacilitatorChoice["extra"];
    const facilitators: Record<"own" | "payai", Facilitator | undefined> = { own: undefined, payai: undefined };
    let payments: TestPayments;

    beforeAll(async () => {
      [test, chain] = await Promise.all([createTestDatabase(), start()]);
      payments = chain.payments;
      own = await startTestFacilitator({
        databaseUrl: test.applicationUrl,
        networks: [payments],
        fund: (wallets) => payments.fund(payments.network.kind === "evm" ? wallets.evm : wallets.solana),
      });
      payai = await startTestPayai(own.url);
      const headers = openPayaiAuth({ clock: systemClock }, { key: `${payai.keyId}:${payai.keySecret}` });
      facilitators.own = openHttpFacilitator({}, { name: "own", url: own.url });
      facilitators.payai = openHttpFacilitator({}, { name: "payai", url: payai.url, headers });
      const kinds = (await facilitators.own.supported()).filter(({ x402Version }) => x402Version === 2);
      expect(kinds.map(({ network }) => network)).toEqual([payments.network.caip2]);
      extra = kinds[0]?.extra ?? {};
    });
    afterAll(async () => {
      await own.stop();
      await payai.stop();
      await chain.stop();
      await test.drop();
    });

    const named = (name: "own" | "payai"): Facilitator => {
      const facilitator = facilitators[name];
      if (facilitator === undefined) throw new Error("not started");
      return facilitator;
    };

    /** What a run of it moved to the merchant, in payments of 0.10 USDC. */
    async function moved<Result>(work: () => Promise<Result>): Promise<{ result: Result; payments: number }> {
      const before = await payments.received();
      const result = await work();
      return { result, payments: Number((await payments.received()) - before) / 100_000 };
    }

    it.each(["own", "payai"] as const)(
      "checks and settles a payment once, and says so ever after (%s)",
      async (name) => {
        const call = await payments.sign(extra);
        expect(await named(name).verify(call)).toMatchObject({ kind: "valid", payer: payments.payer });
        const first = await moved(() => named(name).settle(call));
        expect(first).toMatchObject({ result: { kind: "settled", payer: payments.payer }, payments: 1 });
        const again = await moved(() => named(name).settle(call));
        expect(again.payments).toBe(0);
        expect(transactionOf(again.result)).toBe(transactionOf(first.result));
      },
    );

    it("X01: ten calls at once with one payment move it once, and none of them hears of a failure", async () => {
      const call = await payments.sign(extra);
      const { result, payments: count } = await moved(() =>
        Promise.all(Array.from({ length: 10 }, () => named("own").settle(call))),
      );
      expect(count).toBe(1);
      const settled = result.filter(({ kind }) => kind === "settled");
      expect(new Set(settled.map(transactionOf)).size).toBe(1);
      expect(result.filter(({ kind }) => kind !== "settled").map(({ kind }) => kind)).toEqual(
        Array.from({ length: 10 - settled.length }, () => "unknown"),
      );
    });

    it("ten different payments at once all succeed", async () => {
      const calls = await Promise.all(
        Array.from({ length: 10 }, (_, index) => payments.sign({ ...extra, memo: `m${index}` })),
      );
      const { result, payments: count } = await moved(() =>
        Promise.all(calls.map((call) => named("own").settle(call))),
      );
      expect(result.map(({ kind }) => kind)).toEqual(Array.from({ length: 10 }, () => "settled"));
      expect([count, new Set(result.map(transactionOf)).size]).toEqual([10, 10]);
    });

    it("refuses a payment of another amount or receiver with a reason of ours, and the right terms still go through", async () => {
      const call = await payments.sign(extra);
      const shownWith = (terms: object) => ({
        ...call,
        paymentRequirements: { ...call.paymentRequirements, ...terms },
      });
      const other = await payments.sign(extra, { payTo: payments.payer });
      const wrong = [
        [shownWith({ amount: "100001" }), "amount_mismatch"],
        [shownWith({ payTo: other.paymentRequirements.payTo }), "recipient_mismatch"],
      ] as const;
      for (const [shown, code] of wrong) {
        expect(await named("own").verify(shown)).toMatchObject({ kind: "invalid", code });
        expect(await named("own").settle(shown)).toMatchObject({ kind: "failed", code });
      }
      expect(await named("own").settle(call)).toMatchObject({ kind: "settled" });
    });

    it("says which party has to act when the payer has too little", async () => {
      const call = await payments.sign(extra, { amount: "999000000000" });
      const answer = await named("own").verify(call);
      expect(answer).toMatchObject({ kind: "invalid" });
      expect(["insufficient_funds", "simulation_failed"]).toContain(answer.kind === "invalid" ? answer.code : "");
      expect((await named("own").settle(call)).kind).toBe("unknown");
    });

    it("refuses a token and a network that are not its own", async () => {
      const call = await payments.sign(extra);
      const foreign = { ...call, paymentRequirements: { ...call.paymentRequirements, asset: payments.payer } };
      expect(await named("own").verify(foreign)).toMatchObject({ kind: "invalid", code: "requirements_invalid" });
      const elsewhere = { ...call, paymentRequirements: { ...call.paymentRequirements, network: "eip155:1" } };
      expect(await named("own").settle(elsewhere)).toMatchObject({ kind: "failed", code: "network_mismatch" });
    });

    it("says that its own wallet is empty, and blames nobody else", async () => {
      const poor = await startTestFacilitator({ databaseUrl: test.applicationUrl, networks: [payments] });
      const client = openHttpFacilitator({}, { name: "poor", url: poor.url });
      const [kind] = await client.supported();
      const call = await payments.sign(kind?.extra ?? {});
      expect(await client.verify(call)).toMatchObject({
        ...{ kind: "unavailable", detail: expect.stringContaining("fund it") },
        raw: { invalidReason: "facilitator_out_of_funds" },
      });
      expect((await moved(() => client.settle(call))).payments).toBe(0);
      await poor.stop();
    });

    it("X07: a facilitator that does its work and then answers nonsense leaves the outcome unknown, and says it when asked again", async () => {
      const call = await payments.sign(extra);
      payai.fail("/settle", { kind: "answer_after", status: 500, body: "<html>Bad Gateway</html>" });
      const first = await moved(() => named("payai").settle(call));
      payai.fail("/settle", null);
      expect(first).toMatchObject({ result: { kind: "unknown" }, payments: 1 });
      expect(await moved(() => named("payai").settle(call))).toMatchObject({
        result: { kind: "settled" },
        payments: 0,
      });
    });
  });
});

function transactionOf(outcome: SettleOutcome): string | null {
  return "transaction" in outcome ? outcome.transaction : null;
}

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createKeyPairSignerFromBytes } from "@solana/kit";
import { ExactSvmSchemeV1 } from "@x402/svm/exact/v1/client";
import { compactVerify, createLocalJWKSet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { newSolanaWallet } from "../../sandbox/demo/solana-wallet.ts";
import { setTokens } from "../../sandbox/parts/surfnet.ts";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { solanaMissing } from "../support/solana.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";
import {
  buy,
  type Cafe,
  evmGuest,
  evmUnits,
  openCafe,
  readAnswer,
  solanaGuest,
  solanaPayer,
  solanaUnits,
  until,
  wanting,
} from "./access-cafe.ts";
import { curl, curlMissing, meeting, watch } from "./access-clients.ts";

const missing = evmMissing ?? solanaMissing ?? s3Missing ?? temporalMissing;
const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

const OfferV1 = z.looseObject({ network: z.string(), payTo: z.string(), maxAmountRequired: z.string() });
const Required = z.object({ accepts: z.array(OfferV1), quoteId: z.string(), quoteSecret: z.string() });
const RequiredV2 = z.object({ x402Version: z.literal(2), accepts: z.array(z.looseObject({ network: z.string() })) });
const Keys = z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })) });
const Sums = z.object({ payments: z.number(), gross: z.string(), fee: z.string(), net: z.string() });
const Row = z.object({ network: z.string(), grossUnits: z.string(), feeUnits: z.string(), netUnits: z.string() });
const Earnings = z.object({ data: z.object({ totals: Sums, rows: z.array(Row) }) });

let world: TestWorld;
let cafe: Cafe;
beforeAll(async () => {
  if (missing !== undefined) return;
  world = await startTestWorld({ RATE_LIMITS: "off", PAY2_BARE: "true" });
  cafe = await openCafe(world);
}, 600_000);
afterAll(() => world?.stop());

const encode = (value: object) => Buffer.from(JSON.stringify(value), "utf8").toString("base64");
const decode = (value: string | null) => JSON.parse(Buffer.from(value ?? "", "base64").toString("utf8"));
const at = (assetId: string) => `${world.description.api}/api/v1/access/${assetId}`;
const pay2 = (payment: object) => ({ "x-payment-authorization": `PAY2 ${encode(payment)}` });
const statusOf = async (assetId: string) =>
  Object((await cafe.call(`/api/v1/assets/${assetId}/status`)).body.data).status;
const paymentsOf = (assetId: string) =>
  world.query<{ status: string; transaction: string; is_extension: boolean }>(
    "SELECT status, transaction, is_extension FROM access_payments WHERE asset_id = $1 ORDER BY created_at",
    [assetId],
  );

/** What a receipt says, after its signature was checked with the keys that anybody can read. */
async function readReceipt(receipt: string): Promise<unknown> {
  const { keys } = Keys.parse((await cafe.call("/.well-known/receipt-keys.json")).body);
  const { payload } = await compactVerify(receipt, createLocalJWKSet({ keys }));
  return JSON.parse(Buffer.from(payload).toString("utf8"));
}

describe.skipIf(missing !== undefined)(`access${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it("says in one 402 what it costs to clients of three kinds", async () => {
    const assetId = await cafe.addAsset();
    const answer = await cafe.call(`/api/v1/access/${assetId}`, { units: 3 });
    expect(answer.status).toBe(402);
    const headers = Object.fromEntries(answer.headers);
    expect(headers).toMatchObject({ "x-cost": "0.10", "x-unit": "minute", "x-units": "3", "x-total": "0.30" });
    expect(headers["x-facilitator"]).toBe(world.description.facilitator);
    expect(headers["x-quote-id"]).toBe(answer.body.quoteId);
    const { accepts } = RequiredV2.parse(decode(answer.headers.get("payment-required")));
    const offers = accepts.map(({ network, amount, payTo }) => ({ network, amount, payTo }));
    expect(offers).toEqual([
      { network: "eip155:31337", amount: "300000", payTo: cafe.wallets.evm },
      { network: "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1", amount: "300000", payTo: cafe.wallets.solana },
    ]);
    // Version 1 has no name for the local EVM chain, and its clients read nothing they do not know.
    expect(Required.parse(answer.body).accepts).toMatchObject([
      { network: "solana-devnet", maxAmountRequired: "300000" },
    ]);
    // The seed's own headers speak of the first offer.
    expect(headers).toMatchObject({ "x-network": "eip155:31337", "x-address": cafe.wallets.evm });
  });

  it("grants @x402/fetch what it paid on each chain: the merchant gains it all, we are owed our fee, a receipt proves it", async () => {
    const [onSolana, onEvm] = [await solanaGuest(world), await evmGuest(world)];
    for (const [guest, chain, network] of [
      [onSolana, "solana", "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1"],
      [onEvm, "evm", "eip155:31337"],
    ] as const) {
      const assetId = await cafe.addAsset();
      const before = await cafe.received();
      const granted = await buy(guest, at(assetId), 3);
      const after = await cafe.received();
      expect(after).toEqual({ ...before, [chain]: before[chain] + 300_000n });
      const left = chain === "solana" ? solanaUnits(world, guest.address) : evmUnits(world, guest.address);
      expect(await left).toBe(999_700_000n);
      expect(granted).toMatchObject({ minutesPurchased: 3, network, units: 3, unit: "minute" });
      expect(await readReceipt(granted.receipt)).toMatchObject({
        ...{ network, payer: guest.address, payTo: cafe.wallets[chain], amount: "300000" },
        ...{ transaction: granted.transaction, sessionId: granted.sessionId, paymentId: granted.paymentId },
      });
      expect(await statusOf(assetId)).toBe("occupied");
    }
  });

  it("grants a client of protocol version 1 on Solana", async () => {
    const assetId = await cafe.addAsset();
    const { keypair } = await solanaPayer(world);
    const required = Required.parse((await cafe.call(`/api/v1/access/${assetId}`, {})).body);
    const signer = await createKeyPairSignerFromBytes(keypair.secretKey);
    const scheme = new ExactSvmSchemeV1(signer, { rpcUrl: world.description.solana?.rpc ?? "" });
    const payment = await scheme.createPaymentPayload(1, Object(required.accepts[0]));
    const granted = await cafe.call(`/api/v1/access/${assetId}`, {}, { "X-PAYMENT": encode(payment) });
    expect(granted.body).toMatchObject({ status: "granted" });
    expect(decode(granted.headers.get("x-payment-response"))).toMatchObject({
      success: true,
      network: "solana-devnet",
    });
    expect(await solanaUnits(world, signer.address)).toBe(999_900_000n);
  });

  it.skipIf(curlMissing)(
    "X14: follows the seed's walk with curl; the transaction alone opens nothing to a stranger, nor twice",
    async () => {
      const assetId = await cafe.addAsset();
      const first = await curl("-X", "POST", at(assetId));
      expect(first.status).toBe(402);
      expect(first.headers.get("x-cost")).toBe("0.10");
      const { quoteId, quoteSecret, accepts } = Required.parse(first.body);
      const payer = await solanaPayer(world);
      const signature = await payer.pay({ to: String(accepts[0]?.payTo), units: 100_000n, memo: quoteId });
      const claim = (payment: object, url = at(assetId)) =>
        curl("-X", "POST", url, "-H", `x-payment-authorization: ${pay2(payment)["x-payment-authorization"]}`);
      const theirs = Required.parse((await curl("-X", "POST", at(assetId))).body);
      const strangers = [
        [{ signature }, "bare_payment_refused"],
        [{ signature, quoteId }, "payment_not_proven"],
        [{ signature, quoteId, proof: theirs.quoteSecret }, "payment_not_proven"],
        [{ signature, quoteId: theirs.quoteId, proof: theirs.quoteSecret }, "payment_not_proven"],
      ] as const;
      for (const [payment, code] of strangers) {
        const refused = await until(
          "the transfer",
          () => claim(payment),
          ({ body }) => body.code !== "payment_not_seen",
        );
        expect(refused.body.code).toBe(code);
      }
      const granted = await until(
        "the transfer",
        () => claim({ signature, quoteId, proof: quoteSecret }),
        ({ status }) => status !== 409,
      );
      expect(granted).toMatchObject({
        status: 200,
        body: { status: "granted", minutesPurchased: 1, transaction: signature },
      });
      const watched = await curl(`${world.description.api}/api/v1/sessions/${granted.body.sessionToken}/status`);
      expect(watched.body).toMatchObject({ isActive: true, assetId });
      const again = await claim({ signature, quoteId, proof: quoteSecret });
      expect(again.body.sessionToken).toBe(granted.body.sessionToken);
      expect(await claim({ signature, quoteId })).toMatchObject({
        status: 409,
        body: { code: "payment_already_used" },
      });
      const other = await claim({ signature, quoteId, proof: quoteSecret }, at(await cafe.addAsset()));
      expect(other.body.code).toBe("payment_already_used");
    },
  );

  it.skipIf(curlMissing)(
    "follows the seed's checklist with curl as it is written, to the price of an extension",
    async () => {
      const { api, solana } = world.description;
      const walletAddress = newSolanaWallet();
      await setTokens(solana?.rpc ?? "", { owner: walletAddress, units: 0n });
      expect((await curl(`${api}/api/health`)).status).toBe(200);
      const merchant = JSON.stringify({ name: "My Gaming Cafe", walletAddress, platformFeePercent: 1 });
      const json = ["-H", "Content-Type: application/json"];
      const registered = await curl("-X", "POST", `${api}/api/v1/auth/register`, ...json, "-d", merchant);
      expect(registered.body).toMatchObject({ status: "success", data: { walletAddress } });
      expect(registered.body.warning).toContain("2 %");
      const key = ["-H", `x-api-key: ${Object(registered.body.data).apiKey}`];
      // The seed names no type here, so curl says that this is a form.
      const asset = '{"name":"Test GPU","pricePerUnit":"0.05","unit":"minute","type":"gpu"}';
      const created = await curl("-X", "POST", `${api}/api/v1/assets`, ...key, "-d", asset);
      const { assetId } = z.object({ assetId: z.string() }).parse(created.body.data);
      expect((await curl(`${api}/api/v1/assets/${assetId}/status`)).body.data).toMatchObject({ status: "available" });
      expect((await curl(...key, `${api}/api/v1/merchant/assets`)).body.data).toMatchObject([{ assetId }]);
      const { sessionToken } = await buy(await solanaGuest(world), at(assetId), 10);
      const extend = `${api}/api/v1/access/sessions/${sessionToken}/extend`;
      const unpaid = await curl("-X", "POST", extend, "-d", '{"additionalAmount": "0.50"}');
      expect(unpaid.status).toBe(402);
      expect(Object.fromEntries(unpaid.headers)).toMatchObject({ "x-units": "10", "x-total": "0.50" });
    },
  );

  it("takes the seed's bare PAY2 where it is switched on: as many units as were paid, once", async () => {
    const assetId = await cafe.addAsset();
    const payer = await solanaPayer(world);
    const signature = await payer.pay({ to: cafe.wallets.solana, units: 1_000_000n });
    const claim = () => cafe.call(`/api/v1/access/${assetId}`, {}, pay2({ signature }));
    const granted = await until("the transfer", claim, ({ body }) => body.code !== "payment_not_seen");
    expect(granted.body).toMatchObject({ status: "granted", minutesPurchased: 10, transaction: signature });
    expect(await claim()).toMatchObject({ status: 409, body: { code: "payment_already_used" } });
  });

  it("X19: of two buyers on two chains one gets the asset, and the other keeps its money", async () => {
    const assetId = await cafe.addAsset();
    const together = meeting(2);
    const guests = [await solanaGuest(world, together), await evmGuest(world, together)] as const;
    const before = await cafe.received();
    const answers = await Promise.all(
      guests.map(async (guest) => readAnswer(await guest.pay(at(assetId), wanting(2)))),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const winner = answers.findIndex(({ status }) => status === 200);
    expect(["asset_busy", "asset_occupied"]).toContain(answers[1 - winner]?.body.code);
    const after = await cafe.received();
    const gained = { solana: after.solana - before.solana, evm: after.evm - before.evm };
    expect(gained).toEqual(winner === 0 ? { solana: 200_000n, evm: 0n } : { solana: 0n, evm: 200_000n });
    const left = [await solanaUnits(world, guests[0].address), await evmUnits(world, guests[1].address)];
    expect(left).toEqual(winner === 0 ? [999_800_000n, 10n ** 9n] : [10n ** 9n, 999_800_000n]);
    expect((await paymentsOf(assetId)).map(({ status }) => status)).toEqual(["settled"]);
  });

  it("extends a session without a break, ends it on time, frees the asset, and tells payer and merchant each thing once", async () => {
    const assetId = await cafe.addAsset({ unit: "session", sessionSeconds: 20, pricePerUnit: "0.05" });
    const guest = await evmGuest(world);
    const granted = await buy(guest, at(assetId));
    const socket = watch(granted.websocketUrl);
    await socket.joined;
    const extended = await buy(guest, `${world.description.api}/api/v1/access/sessions/${granted.sessionToken}/extend`);
    expect(extended.sessionToken).toBe(granted.sessionToken);
    expect(Date.parse(extended.expiresAt) - Date.parse(granted.expiresAt)).toBe(20_000);
    const status = () => cafe.call(`/api/v1/sessions/${granted.sessionToken}/status`);
    expect((await status()).body).toMatchObject({ isActive: true, isExtended: true, paid: "0.1", units: 2 });
    const { code, messages } = await socket.ended;
    expect(code).toBe(4000);
    const types = messages.map(({ type }) => type).filter((type) => !/tick|payment_/.test(type));
    // Where the extension took long, the first end was near enough to be announced too.
    expect(types.filter((type, place) => type !== "expiring" || place > types.indexOf("extended"))).toEqual([
      ...["snapshot", "extended", "expiring", "expired"],
    ]);
    // A tick tells the time and nothing new.
    const seqs = messages.slice(1).flatMap(({ type, seq }) => (type === "tick" ? [] : [seq]));
    expect(seqs).toEqual([...new Set(seqs)]);
    expect((await status()).body).toMatchObject({ status: "expired", isActive: false, secondsLeft: 0 });
    expect(await statusOf(assetId)).toBe("available");
    const ours = async () => (await cafe.told()).filter(({ data }) => data.assetId === assetId).map(({ type }) => type);
    const told = await until("the merchant to be told", ours, (types) => types.includes("session.expired"));
    const once = ["payment.settled", "payment.settled", "session.expired", "session.extended", "session.started"];
    expect(told.toSorted()).toEqual(once);
  });

  it("earnings, their CSV and the books add up to what moved on the chains", async () => {
    const { solana, evm } = await cafe.received();
    const key = { "x-api-key": cafe.key };
    const report = await cafe.call("/api/v1/merchant/earnings?groupBy=network", undefined, key);
    const { totals, rows } = Earnings.parse(report.body).data;
    const unitsOf = (pick: (row: z.infer<typeof Row>) => string) =>
      rows.reduce((sum, row) => sum + BigInt(pick(row)), 0n);
    expect(unitsOf((row) => row.grossUnits)).toBe(solana + evm);
    const onEvm = rows.find(({ network }) => network.startsWith("eip155"));
    expect(BigInt(onEvm?.grossUnits ?? 0)).toBe(evm);
    // Two hundred basis points of amounts that it divides.
    const fee = ((solana + evm) * 200n) / 10_000n;
    expect(unitsOf((row) => row.feeUnits)).toBe(fee);
    const dollars = (units: bigint) => Number(units) / 1e6;
    expect([Number(totals.gross), Number(totals.fee)]).toEqual([dollars(solana + evm), dollars(fee)]);
    const csv = await fetch(`${world.description.api}/api/v1/merchant/earnings?groupBy=asset&format=csv`, {
      headers: key,
    });
    const [head = "", ...lines] = (await csv.text()).trim().split(/\r?\n/);
    const column = head.split(",").indexOf("grossUnits");
    expect(lines.reduce((sum, line) => sum + BigInt(line.split(",")[column] ?? 0), 0n)).toBe(solana + evm);
    const [owed] = await world.query<{ balance: string }>(
      "SELECT b.balance FROM account_balances b JOIN accounts a ON a.id = b.account_id WHERE a.name = $1",
      [`receivable/${cafe.merchantId}`],
    );
    expect(BigInt(owed?.balance ?? 0)).toBe(fee * 1000n);
    const environment = { ...process.env, DATABASE_URL: world.description.postgres };
    const words = ["--import", "tsx", "src/cli/ledger.ts", "verify", "--json"];
    const { stdout } = await run(process.execPath, words, { cwd: root, env: environment });
    expect(JSON.parse(stdout)).toMatchObject({ sound: true, drifts: [] });
  });
});

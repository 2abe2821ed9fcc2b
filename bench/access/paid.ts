import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import type { BenchRun } from "../bench-run.ts";
import { type BenchPayer, openPayers, Terms } from "./payer.ts";
import type { BenchMerchant } from "./shop.ts";
import type { AccessWorld } from "./world.ts";

/** How many pairs of payments are made on each network, after some that are not counted. */
export type PaidOptions = { readonly pairs: number; readonly warmUp: number };

/** One payment without us: signed, checked and settled by the facilitator, read once from the chain. Milliseconds. */
export type DirectPayment = {
  readonly sign: number;
  readonly verify: number;
  readonly settle: number;
  readonly read: number;
};

/**
 * One payment through our API. `offer` is the 402, `sign` the client's, then the paid request in three: until its payment was written down
 * (parsing, quote, the facilitator's check), until the settled one was (settling, proof), and the rest. Milliseconds.
 */
export type OurPayment = {
  readonly offer: number;
  readonly sign: number;
  readonly check: number;
  readonly settle: number;
  readonly grant: number;
};

/** A payment of each kind, made one right after the other. */
export type PaidPair = { readonly direct: DirectPayment; readonly ours: OurPayment };

/** All pairs of one network; `failed` are those left out because a chain or the facilitator did not answer in time. */
export type PaidNetwork = { readonly network: string; readonly pairs: readonly PaidPair[]; readonly failed: number };

/** A local chain that a busy machine holds up may miss a payment; one that misses more is not worth measuring on. */
const MOST_FAILURES = 5;

type Needs = { readonly run: BenchRun; readonly world: AccessWorld; readonly merchant: BenchMerchant };
type Lane = Needs & { readonly payer: BenchPayer; readonly terms: Terms };

const Offer = z.object({ accepts: z.array(Terms), resource: z.unknown() });
const Granted = z.object({ status: z.literal("granted"), paymentId: z.string() });
const Verified = z.object({ isValid: z.literal(true) });
const Settled = z.object({ success: z.literal(true), transaction: z.string() });

/** Pays in pairs on each network: one payment past us and one through us, the first of them in turns. */
export async function measurePaid(needs: Needs, { pairs, warmUp }: PaidOptions): Promise<readonly PaidNetwork[]> {
  const { run, world, merchant } = needs;
  const networks: PaidNetwork[] = [];
  for (const payer of await openPayers(world)) {
    run.progress(`paid requests: ${pairs} pairs on ${payer.name}`);
    const assets = await merchant.openAssets(warmUp + pairs + 1);
    const { offer } = await takeOffer({ ...needs, payer }, assets[warmUp + pairs] ?? "");
    const lane: Lane = { ...needs, payer, terms: offer.terms };
    networks.push({ network: payer.name, ...(await payAll(lane, { assets, pairs, warmUp })) });
  }
  return networks;
}

async function payAll(lane: Lane, input: PaidOptions & { readonly assets: readonly string[] }) {
  const { assets, pairs, warmUp } = input;
  const made: PaidPair[] = [];
  let failed = 0;
  for (let index = 0; index < warmUp + pairs; index += 1) {
    try {
      const pair = await payPair(lane, { assetId: assets[index] ?? "", isOursFirst: index % 2 === 1 });
      if (index >= warmUp) made.push(pair);
    } catch (error) {
      failed += 1;
      if (failed > MOST_FAILURES) throw error;
    }
  }
  return { pairs: made, failed };
}

async function payPair(lane: Lane, { assetId, isOursFirst }: { assetId: string; isOursFirst: boolean }) {
  if (!isOursFirst) {
    const direct = await payDirectly(lane);
    return { direct, ours: await payUs(lane, assetId) };
  }
  const ours = await payUs(lane, assetId);
  return { direct: await payDirectly(lane), ours };
}

let payments = 0;

/** The terms are those of an offer of ours, with a memo of their own as the chain takes the same message once. */
async function payDirectly({ world, payer, terms: offered }: Lane): Promise<DirectPayment> {
  payments += 1;
  const { quote: _, ...extra } = offered.extra;
  const memo = typeof extra.memo === "string" ? { memo: `bench ${payments}` } : {};
  const terms = { ...offered, extra: { ...extra, ...memo } };
  const started = performance.now();
  const payload = await payer.sign(terms);
  const signed = performance.now();
  const call = {
    x402Version: 2,
    paymentPayload: { x402Version: 2, accepted: terms, payload },
    paymentRequirements: terms,
  };
  Verified.parse(await askFacilitator(world, { path: "verify", call }));
  const verified = performance.now();
  const { transaction } = Settled.parse(await askFacilitator(world, { path: "settle", call }));
  const settled = performance.now();
  while ((await payer.read(transaction)) === null) await pause(1);
  const read = performance.now();
  return { sign: signed - started, verify: verified - signed, settle: settled - verified, read: read - settled };
}

async function askFacilitator(
  { description, facilitatorToken }: AccessWorld,
  { path, call }: { readonly path: string; readonly call: unknown },
): Promise<unknown> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${facilitatorToken}` };
  const request = { method: "POST", headers, body: JSON.stringify(call) };
  return (await fetch(`${description.facilitator}/${path}`, request)).json();
}

async function payUs(lane: Lane, assetId: string): Promise<OurPayment> {
  const { world, payer } = lane;
  const started = performance.now();
  const { offer, url } = await takeOffer(lane, assetId);
  const offered = performance.now();
  const payload = await payer.sign(offer.terms);
  const signed = performance.now();
  const payment = { x402Version: 2, resource: offer.resource, accepted: offer.terms, payload };
  const header = Buffer.from(JSON.stringify(payment)).toString("base64");
  const response = await fetch(url, { method: "POST", headers: { "payment-signature": header } });
  const answer: unknown = await response.json();
  const paid = performance.now();
  const granted = Granted.safeParse(answer);
  if (!granted.success)
    throw new Error(`The paid request was answered ${response.status} ${JSON.stringify(answer).slice(0, 500)}`);
  const written = await readTimes(world, granted.data.paymentId);
  const at = (moment: number) => performance.timeOrigin + moment;
  return {
    offer: offered - started,
    sign: signed - offered,
    check: written.submittedAt - at(signed),
    settle: written.settledAt - written.submittedAt,
    grant: at(paid) - written.settledAt,
  };
}

async function takeOffer({ world, payer }: Pick<Lane, "world" | "payer">, assetId: string) {
  const url = `${world.description.api}/api/v1/access/${assetId}`;
  const response = await fetch(url, { method: "POST" });
  const text = await response.text();
  const header = response.headers.get("payment-required");
  if (header === null) throw new Error(`The unpaid request was answered ${response.status} ${text.slice(0, 500)}`);
  const { accepts, resource } = Offer.parse(JSON.parse(Buffer.from(header, "base64").toString("utf8")));
  const terms = accepts.find(({ network }) => network === payer.caip2);
  if (terms === undefined) throw new Error(`The 402 offers no way to pay on ${payer.caip2}.`);
  return { url, offer: { terms, resource } };
}

/** When the two transactions of a payment ran, in milliseconds of the epoch. The database's clock is this machine's. */
async function readTimes({ owner }: AccessWorld, paymentId: string) {
  const { rows } = await owner.raw<{ rows: { submittedAt: number; settledAt: number }[] }>(
    `SELECT extract(epoch FROM created_at)::float8 * 1000 AS "submittedAt",
       extract(epoch FROM resolved_at)::float8 * 1000 AS "settledAt" FROM access_payments WHERE id = ?`,
    [paymentId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("a payment that was granted is not in the database");
  return row;
}

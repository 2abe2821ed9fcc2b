import { readPresentedPayment } from "../../src/integrations/x402/payment-header.ts";
import { reconcilePayment } from "../../src/products/access/payments/doubt/reconcile-payment.ts";
import type { PaymentNeeds } from "../../src/products/access/payments/payment-needs.ts";
import type { AccessOutcome } from "../../src/products/access/payments/taking/access-outcome.ts";
import { requestAccess } from "../../src/products/access/payments/taking/request-access.ts";
import { requestExtension } from "../../src/products/access/payments/taking/request-extension.ts";
import { endOverdueSession } from "../../src/products/access/sessions/end-due-session.ts";
import { stopSession } from "../../src/products/access/sessions/stop-session.ts";
import { encode, headerV2, signIn } from "../products/access/payments/payment-world.ts";
import { type AccessLife, type AccessWorld, attemptAccess, type Mood } from "./access-world.ts";

type Payer = AccessWorld["payers"][number];
type Step = (world: AccessWorld, life: AccessLife, needs: PaymentNeeds) => Promise<void>;

const MOODS: readonly (readonly [number, Mood])[] = [
  [6, "honest"],
  ...(["not_sent", "fails", "silent", "lands_silently", "dies", "denies", "late", "foreign"] as const).map(
    (mood) => [1, mood] as const,
  ),
];

const STEPS: readonly (readonly [weight: number, name: string, step: Step])[] = [
  [2, "buys", async (world, life, needs) => buy(world, life, needs)],
  [4, "is given back and bought anew", buyAnew],
  [2, "two buy at once", async (world, life, needs) => together(() => buy(world, life, needs), 2)],
  [4, "extends", async (world, life, needs) => extend(world, life, needs)],
  [2, "extends twice at once", async (world, life, needs) => together(() => extend(world, life, needs), 2)],
  [2, "shows a payment again, three times", showAgain],
  [2, "stops", async (_world, life, needs) => stop(life, needs)],
  [2, "stops while it extends", async (world, life, needs) => both(extend(world, life, needs), stop(life, needs))],
  [3, "extends as it ends", extendAtTheEnd],
  [2, "ends", end],
  [2, "pays by itself (PAY2)", claim],
  [3, "pays from its balance", spend],
  [1, "costs something else now", change],
  [1, "is in maintenance while somebody buys", maintain],
  [3, "is looked at", async (world, life, needs) => lookAt(world, life, needs)],
];

/** Lives one step: on a database that may die in it. */
export async function liveAccess(world: AccessWorld, life: AccessLife): Promise<void> {
  const chosen = life.random.pick(STEPS.map(([weight, name, step]) => [weight, { name, step }] as const));
  life.story.push(chosen.name);
  if (life.random.chance(0.3)) world.bomb.queriesLeft = life.random.below(40);
  await attemptAccess(life, () => chosen.step(world, life, world.frail));
}

/** A mood for each payment of a life. */
export function moodOf(life: AccessLife): Mood {
  return life.random.pick(MOODS);
}

/** Asks for the asset, and pays what is offered. */
export async function buy(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  const ask = (headers: Record<string, string>) => askAccess(life, needs, headers);
  const outcome = await askAccess(life, needs, {}, 1 + life.random.below(4));
  await payOffer(world, life, { outcome, ask });
}

async function buyAnew(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  if (life.random.chance(0.5)) await stop(life, needs);
  else await setEnd(world, life, -300_000);
  await buy(world, life, needs);
}

async function extend(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  const token = life.tokens.at(-1);
  if (token === undefined) return;
  const ask = (headers: Record<string, string>, units?: number) =>
    requestExtension(needs, { token, ...requestOf(headers, units === undefined ? {} : { units }) });
  await payOffer(world, life, { outcome: await ask({}, 1 + life.random.below(3)), ask });
}

async function payOffer(
  world: AccessWorld,
  life: AccessLife,
  offer: { readonly outcome: AccessOutcome; readonly ask: (headers: Record<string, string>) => Promise<AccessOutcome> },
): Promise<void> {
  const { outcome } = offer;
  if (outcome.kind !== "payment_required") return;
  const [option] = outcome.options;
  if (option === undefined) throw new Error("nothing was offered");
  const validBefore = BigInt(Math.floor(Date.now() / 1000) + 120);
  const terms = { to: option.payTo, units: BigInt(option.amountUnits), validBefore };
  const payload = await payerOf(world, life).sign(terms);
  const { "PAYMENT-SIGNATURE": header } = headerV2({ payload, accepted: option.requirements });
  const headers = { "payment-signature": header };
  if (outcome.quote.sessionId === null) life.shown.push(headers);
  note(life, await offer.ask(headers));
}

async function showAgain(_world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  const headers = life.shown.at(-1);
  if (headers !== undefined) await together(async () => note(life, await askAccess(life, needs, headers)), 3);
}

async function stop(life: AccessLife, needs: PaymentNeeds): Promise<void> {
  const token = life.tokens.at(-1);
  if (token !== undefined) await stopSession(needs, { token });
}

/** Within a few milliseconds of the end, its end and its extension meet. */
async function extendAtTheEnd(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  await setEnd(world, life, 40 + life.random.below(120));
  await both(extend(world, life, needs), end(world, life, needs));
}

async function end(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  if (life.random.chance(0.5)) await setEnd(world, life, -life.random.below(3) * 70_000);
  await endOverdueSession(needs, { assetId: life.assetId });
}

/** The active session of a life ends so many milliseconds from now. */
async function setEnd(world: AccessWorld, life: AccessLife, milliseconds: number): Promise<void> {
  await world.app.owner.raw(
    `UPDATE access_sessions SET started_at = least(started_at, now() - interval '1 hour'),
       expires_at = now() + make_interval(secs => ?) WHERE asset_id = ? AND status = 'active'`,
    [milliseconds / 1000, life.assetId],
  );
}

/** Pays a little more or less than was asked, by a transfer of its own, and claims it. */
async function claim(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  const outcome = await askAccess(life, needs, {});
  if (outcome.kind !== "payment_required") return;
  const [option] = outcome.options;
  if (option === undefined) throw new Error("nothing was offered");
  const payer = payerOf(world, life);
  const units = BigInt(option.amountUnits) + BigInt(life.random.below(3) - 1);
  const signature = await world.lock(() => payer.pay({ to: option.payTo, units }));
  const quoteId = outcome.quote.id;
  const proof = await payer.signMessage(quoteId);
  const headers = { "x-payment-authorization": `PAY2 ${encode({ signature, quoteId, proof })}` };
  life.shown.push(headers);
  note(life, await askAccess(life, needs, headers));
}

async function spend(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  await stop(life, needs);
  const path = `/api/v1/access/${life.assetId}`;
  for (const payer of payersOf(world, life)) {
    const required = await world.app.call(path, { json: {} });
    if (required.status !== 402) return;
    const headers = await signIn(payer, required);
    const reply = await world.app.call(path, { json: { payWith: "balance" }, headers });
    life.story.push(`  ${reply.status}`);
    if (reply.status >= 500) throw new Error(`the API answered ${reply.status}`);
    if (typeof reply.body.sessionToken === "string") life.tokens.push(reply.body.sessionToken);
  }
}

async function change(world: AccessWorld, life: AccessLife): Promise<void> {
  const price = String(life.random.below(3_000) * 1_000 + 7_000);
  await world.app.owner("assets").where("id", life.assetId).update({ price_nanodollars: price });
  const mode = life.random.chance(0.5) ? "custodial" : "direct";
  await world.app.owner("merchants").where("id", life.merchantId).update({ settlement_mode: mode });
}

async function maintain(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  const set = (isClosed: boolean) =>
    world.app.owner("assets").where("id", life.assetId).update({ in_maintenance: isClosed });
  try {
    await both(buy(world, life, needs), set(true));
  } finally {
    await set(false);
  }
}

/** What every payment's workflow does, sooner or later: looks at it. */
export async function lookAt(world: AccessWorld, life: AccessLife, needs: PaymentNeeds): Promise<void> {
  await world.app.owner.raw(
    `UPDATE access_payments SET created_at = created_at - interval '20 seconds'
     WHERE asset_id = ? AND created_at > now() - interval '3 minutes'`,
    [life.assetId],
  );
  const ids: string[] = await world.app.owner("access_payments").where("asset_id", life.assetId).pluck("id");
  for (const paymentId of ids) await attemptAccess(life, () => reconcilePayment(needs, { paymentId }));
}

/** Whoever paid by itself and got no answer shows its transaction again. */
export async function claimAgain(life: AccessLife, needs: PaymentNeeds): Promise<void> {
  const claims = life.shown.filter((headers) => "x-payment-authorization" in headers);
  for (const headers of claims) await attemptAccess(life, () => askAccess(life, needs, headers));
}

function askAccess(
  life: AccessLife,
  needs: PaymentNeeds,
  headers: Record<string, string>,
  units?: number,
): Promise<AccessOutcome> {
  const wanted = units === undefined ? {} : { units };
  return requestAccess(needs, { assetId: life.assetId, ...requestOf(headers, wanted) });
}

function requestOf(headers: Record<string, string>, wanted: { readonly units?: number }) {
  return { wanted, presented: readPresentedPayment(headers), idempotencyKey: null, signInHeader: null };
}

function note(life: AccessLife, outcome: AccessOutcome): void {
  life.story.push(`  ${outcome.kind === "payment_required" ? outcome.refusal.reason : outcome.kind}`);
  if (outcome.kind === "granted" && !life.tokens.includes(outcome.token)) life.tokens.push(outcome.token);
}

function payerOf(world: AccessWorld, life: AccessLife): Payer {
  const payer = payersOf(world, life)[life.random.below(2)];
  if (payer === undefined) throw new Error("nobody pays");
  return payer;
}

/** Two of them are interested in this asset. */
function payersOf(world: AccessWorld, life: AccessLife): readonly Payer[] {
  return [0, 1].flatMap((next) => world.payers[(life.seed + next) % world.payers.length] ?? []);
}

function together(run: () => Promise<unknown>, times: number): Promise<void> {
  return both(...Array.from({ length: times }, run));
}

/** All at once; all end before the first failure is told, so nothing goes on behind a life's back. */
async function both(...runs: readonly Promise<unknown>[]): Promise<void> {
  const ended = await Promise.allSettled(runs);
  for (const each of ended) if (each.status === "rejected") throw each.reason;
}

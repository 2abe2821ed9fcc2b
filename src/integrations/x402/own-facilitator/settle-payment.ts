import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Knex } from "knex";
import { z } from "zod";
import { DomainError } from "../../../errors.ts";
import { readSignedPayment } from "../signed-payment.ts";
import { followOnce } from "./follow-settlements.ts";
import { type Asked, duplicate, otherTerms, pending, refusal, resolved, type Settled } from "./settle-answer.ts";
import type { SettlementChain, SettlementTerms } from "./settlement-chain.ts";
import {
  claimSettlement,
  findSettlement,
  recordTransaction,
  renewClaim,
  type SettlementKey,
  type SettlementOutcome,
  type SettlementRecord,
  withdrawTransaction,
} from "./settlement-store.ts";

/** A claim lives this long unless it is renewed: so long a payment stands still whose process died. */
const CLAIM_SECONDS = 6;
const RENEW_MS = 2_000;
const FIRST_LOOK_MS = 20;
const LONGEST_PAUSE_MS = 500;
const SEND_AGAIN_MS = 5_000;
/** A lane whose nonce somebody else used is tried again so often. */
const NONCES = 3;

type Needs = { readonly database: Knex; readonly confirmMs: number };
type Input = Asked & { readonly chain: SettlementChain };

/**
 * Settles a payment once, however often and wherever it is asked for: claim it, check it again, sign and record the transaction, send it,
 * wait for it. What was recorded before is followed and answered, never sent as something new. A refusal is recorded nowhere, so that
 * nobody can spoil a payment by showing it with other terms.
 */
export async function settlePayment(needs: Needs, input: Input): Promise<Settled> {
  const { database } = needs;
  const read = readKey(input);
  if ("reason" in read) return refusal(input, { ...read, payer: "" });
  const { payTo, asset, amount } = input.call.requirements;
  const terms = { payer: read.payer, payTo, asset, amount };
  const key = { network: input.network.id, payloadKey: read.key };
  const claim = randomUUID();
  if (!(await claimSettlement(database, { ...key, claim, seconds: CLAIM_SECONDS, terms }))) {
    return answerKnown(input, { terms, record: await findSettlement(database, key) });
  }
  const renewing = setInterval(() => {
    renewClaim(database, { claim, seconds: CLAIM_SECONDS }).catch(() => {
      // The claim then ends by itself, and whoever asks next follows what is recorded.
    });
  }, RENEW_MS);
  try {
    const record = await findSettlement(database, key);
    const isSent = record !== null && record.transaction !== null;
    if (isSent && !isSame(record.terms, terms)) return otherTerms(input, terms.payer);
    const refused = isSent ? undefined : await sendFirst(needs, { ...input, claim, terms });
    return refused ?? (await untilResolved(needs, { ...input, key, payer: terms.payer }));
  } finally {
    clearInterval(renewing);
    await renewClaim(database, { claim, seconds: 0 });
  }
}

type Claimed = Input & { readonly claim: string; readonly terms: SettlementTerms };

/** Checks, signs, records and sends. Answers a refusal, or undefined once something was sent. */
async function sendFirst({ database }: Needs, input: Claimed): Promise<Settled | undefined> {
  const { payer } = input.terms;
  const verdict = await input.chain.verify(input.call);
  if (!verdict.isValid) {
    const { invalidReason: reason = "invalid_payload", invalidMessage: message } = verdict;
    return refusal(input, { reason, message, payer });
  }
  for (let attempt = 0; attempt < NONCES; attempt += 1) {
    const step = await signAndSend(database, input);
    if (step !== "again") return step === "sent" ? undefined : step;
  }
  return refusal(input, { reason: "unexpected_settle_error", message: "no nonce was to be had", payer });
}

async function signAndSend(database: Knex, input: Claimed): Promise<"sent" | "again" | Settled> {
  const { chain, call, claim, terms } = input;
  const { payer } = terms;
  const signing = await chain.sign(call, (transaction, signed) => recordTransaction(transaction, { claim, signed }));
  if (signing.kind === "refused") return refusal(input, { reason: signing.reason, message: signing.message, payer });
  if (signing.kind === "lost") return duplicate(input, payer);
  const sending = await chain.send(signing.raw);
  if (sending === "sent" || sending === "unclear") return "sent";
  // A nonce may be taken because this very transaction is in already.
  const landing = await chain.look(signing, terms);
  if (landing === "landed" || landing === "failed") return "sent";
  await withdrawTransaction(database, signing);
  if (sending === "nonce_taken") return "again";
  const message = `the facilitator's wallet ${chain.wallet} cannot pay the network fee: fund it`;
  return refusal(input, { reason: "facilitator_out_of_funds", message, payer });
}

/** Waits for what was sent until it is resolved or the time is over; then it is pending, and followed without us. */
async function untilResolved(
  { database, confirmMs }: Needs,
  input: Input & { readonly key: SettlementKey; readonly payer: string },
): Promise<Settled> {
  const { chain, key, payer } = input;
  const until = performance.now() + confirmMs;
  let sendAgainAt = performance.now() + SEND_AGAIN_MS;
  let pause = FIRST_LOOK_MS;
  for (;;) {
    const record = await findSettlement(database, key);
    if (record === null || record.transaction === null) return duplicate(input, payer);
    const { transaction } = record;
    const resend = performance.now() > sendAgainAt;
    if (resend) sendAgainAt = performance.now() + SEND_AGAIN_MS;
    const outcome = record.outcome ?? (await lookQuietly({ database }, { chain, record, resend }));
    if (outcome !== undefined) return resolved(input, { transaction, payer, outcome });
    if (performance.now() > until) return pending(input, { transaction, payer });
    await sleep(pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }
}

/** A node that does not answer now says nothing about the payment. */
async function lookQuietly(
  needs: { readonly database: Knex },
  input: Parameters<typeof followOnce>[1],
): Promise<SettlementOutcome | undefined> {
  try {
    return await followOnce(needs, input);
  } catch {
    return undefined;
  }
}

function answerKnown(
  input: Input,
  { terms, record }: { readonly terms: SettlementTerms; readonly record: SettlementRecord | null },
): Settled {
  const { payer } = terms;
  if (record === null || record.outcome === null || record.transaction === null) return duplicate(input, payer);
  if (!isSame(record.terms, terms)) return otherTerms(input, payer);
  return resolved(input, { transaction: record.transaction, payer, outcome: record.outcome });
}

function isSame(left: SettlementTerms, right: SettlementTerms): boolean {
  const fold = ({ payer, payTo, asset, amount }: SettlementTerms) =>
    [payer, payTo, asset, amount].map((one) => (one.startsWith("0x") ? one.toLowerCase() : one)).join(" ");
  return fold(left) === fold(right);
}

const Json = z.record(z.string(), z.json());

/** What makes the payment unique, and who pays, read from its own bytes. */
function readKey({ network, version, call }: Input) {
  const { accepted, payload } = call.payload;
  const wire = Json.safeParse({ accepted, payload });
  if (!wire.success) return { reason: "invalid_payload", message: "the payload is not JSON" };
  try {
    return readSignedPayment({ network, x402Version: version, payload: wire.data });
  } catch (error) {
    if (error instanceof DomainError) return { reason: "invalid_payload", message: error.message };
    throw error;
  }
}

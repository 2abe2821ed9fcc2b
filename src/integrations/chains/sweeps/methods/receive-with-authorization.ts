import { createHash } from "node:crypto";
import type { AuthorizedTransfer, TransferAuthorization } from "../../chain.ts";
import { DepositAddressShort } from "../../errors.ts";
import { finishSigning } from "../../outgoing/nonce-lane.ts";
import { findOutgoingByKey, type OutgoingTransaction } from "../../outgoing/outgoing-transaction-store.ts";
import { prepareTransaction } from "../../outgoing/outgoing-transactions.ts";
import type { Sweep } from "../sweep-store.ts";
import { findBatched, prepareBatch, type ReadySweep } from "./batch.ts";
import { settleElsewhere } from "./settled-elsewhere.ts";
import { attemptKey, type SweepJob, type SweepNeeds, type SweepStep, type SweepSteps } from "./sweep-method.ts";

/**
 * EIP-3009: the deposit key signs an authorization, the vendor wallet sends it and pays, alone or with others where the token's data allows
 * batches. No native coin reaches the deposit address.
 * Throws `GasTankEmpty`, `DepositAddressShort`, `TransactionWouldFail`, `KeyRingNotLoaded`, `NonceGap`, `RpcUnavailable`.
 */
export const receiveWithAuthorization: SweepSteps = {
  prepare: async (needs, job) => {
    const { sweep, token } = job;
    const key = attemptKey(sweep);
    const existing = await findOutgoingByKey(needs.database, key);
    if (existing !== undefined) return prepared(await finishSigning(needs, existing));
    const batched = await findBatched(needs, sweep);
    if (batched !== undefined) return prepared(batched);
    const authorization = authorize(needs, job);
    const elsewhere = await findSettlement(needs, { ...job, authorization });
    if (elsewhere !== undefined) return settleElsewhere(needs, { sweep, transactionHash: elsewhere });
    const seconds = Math.ceil((token.batchWindowSeconds ?? 0) - sweep.ageSeconds);
    if (seconds > 0 && job.refunds === undefined) {
      return { state: "waiting", seconds, reason: "for others to be swept with" };
    }
    const signature = await needs.signer.signTransferAuthorization(job.deposit, authorization);
    const wallet = needs.signer.vendorWallet;
    const priced = await needs.chain.quoteAuthorizedTransfer({ authorization, signature, sender: wallet });
    const together = await sendTogether(needs, { job, gas: BigInt(priced.unsigned.gasLimit) });
    if (together !== undefined) return prepared(together);
    const quote = { ...priced, unsigned: { ...priced.unsigned, ...claim(job) } };
    return prepared(await prepareTransaction(needs, { key, wallet, quote, sweepId: sweep.id }));
  },
};

async function sendTogether(
  needs: SweepNeeds,
  { job, gas }: { readonly job: SweepJob; readonly gas: bigint },
): Promise<OutgoingTransaction | undefined> {
  if (job.token.batchMost === undefined || needs.chain.quoteBatch === undefined) return undefined;
  const own = { sweep: job.sweep, transfer: await authorizeForBatch(needs, job), gas };
  return prepareBatch(needs, { job, own, makeReady: (other) => makeReady(needs, other) });
}

/** Another sweep, signed and priced; undefined when its tokens have moved already. Throws why it cannot be sent. */
async function makeReady(needs: SweepNeeds, job: SweepJob): Promise<ReadySweep | undefined> {
  const transfer = await authorizeForBatch(needs, job);
  if ((await findSettlement(needs, { ...job, authorization: transfer.authorization })) !== undefined) return undefined;
  const priced = await needs.chain.quoteAuthorizedTransfer({ ...transfer, sender: needs.signer.vendorWallet });
  return { sweep: job.sweep, transfer, gas: BigInt(priced.unsigned.gasLimit) };
}

/** Through a contract the payee is not the sender: only the call that anybody may send works there. */
async function authorizeForBatch(needs: SweepNeeds, job: SweepJob): Promise<AuthorizedTransfer> {
  const authorization = { ...authorize(needs, job), method: "transferWithAuthorization" } as const;
  return { authorization, signature: await needs.signer.signTransferAuthorization(job.deposit, authorization) };
}

function prepared(outgoing: OutgoingTransaction): SweepStep {
  return { state: "prepared", purpose: "tokens", outgoing };
}

/**
 * The token contract takes a nonce once, so however often a sweep is signed its tokens move once. It comes from the transfers that are
 * swept, never from chance or from a row of ours: a database restored to before the sweep meets the same nonce, used.
 */
function authorizationNonce(sweep: Pick<Sweep, "chain" | "transfers">): string {
  return `0x${createHash("sha256").update(`tollkeeper:sweep:${sweep.chain}:${sweep.transfers}`).digest("hex")}`;
}

function authorize(needs: SweepNeeds, job: SweepJob): TransferAuthorization {
  const { sweep, token } = job;
  const { network } = needs.chain;
  if (network.kind !== "evm") throw new Error(`EIP-3009 is of EVM chains, and ${network.id} is none.`);
  const toSender = sweep.destination === needs.signer.vendorWallet;
  return {
    // Only the payee may send a receiveWithAuthorization, so nobody can front-run it; a cold treasury sends nothing.
    method: toSender ? "receiveWithAuthorization" : "transferWithAuthorization",
    chainId: network.chainId,
    token,
    from: job.deposit.address,
    to: sweep.destination,
    amountUnits: sweep.amountUnits,
    nonce: authorizationNonce(sweep),
    ...claim(job),
  };
}

/** Whether the tokens have moved already: an earlier attempt, or somebody who front-ran it, with our authorization. */
async function findSettlement(
  needs: SweepNeeds,
  input: { readonly sweep: Sweep; readonly authorization: TransferAuthorization },
): Promise<string | undefined> {
  const { chain } = needs;
  const { sweep, authorization } = input;
  const found = await chain.readTokenBalance({ token: sweep.token, owner: authorization.from });
  const used = await chain.findUsedAuthorization({ authorization, sinceBlock: sweep.sinceBlock });
  if (used !== undefined) return used.transactionHash;
  if (found < sweep.amountUnits) {
    throw new DepositAddressShort({
      address: authorization.from,
      chain: chain.network.name,
      expected: sweep.amountUnits,
      found,
    });
  }
  return undefined;
}

function claim({ refunds }: SweepJob): Pick<SweepJob, "refunds"> {
  return refunds === undefined ? {} : { refunds };
}

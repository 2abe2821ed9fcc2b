import type { BroadcastOutcome, SponsoredTransfer, TransferOrder } from "../chain.ts";
import { GasTankEmpty, RpcUnavailable, TransactionWouldFail } from "../errors.ts";
import type { RpcRefusal } from "../evm/json-rpc.ts";
import type { SolanaNode } from "./node.ts";
import { AccountsShape, Count, LatestBlockhash, SimulationShape, StatusesShape } from "./rpc-shapes.ts";
import { buildSponsoredTransfer } from "./sponsored-transfer.ts";
import { TOKEN_PROGRAM, tokenAccountOf } from "./token-accounts.ts";

/** Two signatures and the priority fee of one sponsored transfer. */
const FEE_LAMPORTS = 10_600n;
const TOKEN_ACCOUNT_BYTES = 165;

const PROCESSED = /already been processed|AlreadyProcessed/i;
const TOO_OLD = /blockhash not found|BlockhashNotFound|block height exceeded/i;
const CANNOT_PAY = /insufficient (funds|lamports)|no record of a prior credit|InsufficientFundsFor|AccountNotFound/i;

/**
 * Prices and tries a transfer before anything is signed. Throws `GasTankEmpty` when the fee payer cannot pay for it, `TransactionWouldFail`
 * when the token refuses it (frozen, a Token-2022 mint) or the tokens are not there, `RpcUnavailable`.
 */
export async function quoteSponsoredTransfer(node: SolanaNode, order: TransferOrder): Promise<SponsoredTransfer> {
  const { feePayer, to, mint } = order;
  const asked = [tokenAccountOf({ owner: to, mint }), feePayer, mint];
  const options = { encoding: "base64", commitment: "confirmed" };
  const { value } = await node.ask(AccountsShape, "getMultipleAccounts", [asked, options]);
  const [destination, payer, mintAccount] = value;
  if (mintAccount?.owner !== TOKEN_PROGRAM.toBase58())
    throw new TransactionWouldFail(node.network.name, "the mint is not one of the SPL token program");
  const createsAccount = destination === null;
  const rent = createsAccount
    ? BigInt(await node.ask(Count, "getMinimumBalanceForRentExemption", [TOKEN_ACCOUNT_BYTES]))
    : 0n;
  // What is left must be nothing or pay its own rent, so the tank counts as empty a little before it is.
  const keep = BigInt(await node.ask(Count, "getMinimumBalanceForRentExemption", [0]));
  const balance = BigInt(payer?.lamports ?? 0);
  const needed = FEE_LAMPORTS + rent + keep;
  if (balance < needed) throw new GasTankEmpty({ chain: node.network.name, wallet: feePayer, needed, balance });
  const latest = await node.ask(LatestBlockhash, "getLatestBlockhash", [{ commitment: "confirmed" }]);
  const { feePayer: _, ...transfer } = order;
  const quoted = { kind: "sponsored_transfer" as const, ...transfer, ...latest.value, createsAccount };
  await simulate(node, quoted, feePayer);
  return quoted;
}

/** Sends a stored transaction, as often as needed. One that is too old to be taken is not said to fail here: `isExpired` proves it. */
export async function broadcast(node: SolanaNode, raw: string): Promise<BroadcastOutcome> {
  const options = { encoding: "base64", preflightCommitment: "confirmed", maxRetries: 5 };
  const answer = await node.request("sendTransaction", [raw, options]);
  if (!("refused" in answer)) return "accepted";
  const { message, code } = answer.refused;
  if (PROCESSED.test(message) || TOO_OLD.test(message)) return "already_known";
  if (CANNOT_PAY.test(message)) throw new GasTankEmpty({ chain: node.network.name, wallet: "of the vendor" });
  throw refusal(node, "sendTransaction", code, message);
}

/**
 * Whether a transaction can never be in a block any more. First the finalized height is past its last valid one, then the node is asked
 * for it with all of history: in this order, so a transaction that made it in its last block is seen.
 */
export async function isExpired(
  node: SolanaNode,
  stored: { readonly hash: string; readonly lastValidBlockHeight: number },
): Promise<boolean> {
  const height = await node.ask(Count, "getBlockHeight", [{ commitment: "finalized" }]);
  if (height <= stored.lastValidBlockHeight) return false;
  const options = { searchTransactionHistory: true };
  const { value } = await node.ask(StatusesShape, "getSignatureStatuses", [[stored.hash], options]);
  return value[0] === null;
}

async function simulate(node: SolanaNode, transfer: SponsoredTransfer, feePayer: string): Promise<void> {
  const message = buildSponsoredTransfer(transfer, feePayer).serialize({ requireAllSignatures: false });
  const options = { encoding: "base64", sigVerify: false, commitment: "confirmed" };
  const answer = await node.request("simulateTransaction", [message.toString("base64"), options]);
  if ("refused" in answer) throw refusal(node, "simulateTransaction", answer.refused.code, answer.refused.message);
  const { value } = SimulationShape.parse(answer.result);
  if (value.err !== null && value.err !== undefined)
    throw new TransactionWouldFail(node.network.name, JSON.stringify(value.err));
}

/** A refusal of what we ask is the token's or the program's; anything else is a node that cannot serve now. */
function refusal(node: SolanaNode, method: string, code: number, message: RpcRefusal["refused"]["message"]) {
  const isVerdict = /simulation failed|transaction error|instruction|custom program error/i.test(message);
  if (isVerdict) return new TransactionWouldFail(node.network.name, message);
  return new RpcUnavailable(node.network.id, `${method} refused, error ${code}`);
}

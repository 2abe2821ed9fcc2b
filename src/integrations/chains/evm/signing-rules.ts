import type { EvmNetwork, TransferAuthorization, UnsignedTransaction } from "../chain.ts";
import { DestinationRefused } from "../errors.ts";
import { tokenInterface } from "./erc20-transfers.ts";
import { decodeBatch } from "./multicall.ts";

/** What a signer knows of right and wrong: the chains and tokens it signs for, and where tokens may go. */
export type SigningRules = {
  readonly networks: readonly EvmNetwork[];
  readonly vendorWallet: string;
  readonly treasury: string;
};

/**
 * Tokens that would leave us: only allowed as the refund of a deposit, which the signer has to find on the chain, or as a payout, which it
 * has to find in its row. `from` is whose authorization moves them; absent, the wallet that calls.
 */
export type Payout = {
  readonly chainId: number;
  readonly from?: string;
  readonly token: string;
  readonly to: string;
  readonly amountUnits: bigint;
};

/**
 * Reads an authorization: a known token's way to the treasury or the vendor wallet, or a payout to be proven. Throws
 * `DestinationRefused` for anything else.
 */
export function judgeAuthorization(rules: SigningRules, authorization: TransferAuthorization): Payout | undefined {
  const { chainId, token, to, amountUnits } = authorization;
  return judgeTransfer(rules, { chainId, token: token.address, to, amountUnits });
}

/**
 * Reads a call of the vendor wallet by its bytes, not by what the caller says about them: authorised transfers to us, fuel for `fuelled`
 * (a deposit address whose key the signer derived itself) up to the network's limit, nothing to itself, or a payout to be proven.
 * Throws `DestinationRefused` for anything else.
 */
export function judgeVendorCall(
  rules: SigningRules,
  input: { readonly transaction: UnsignedTransaction; readonly fuelled: string | undefined },
): Payout | undefined {
  const { transaction, fuelled } = input;
  const network = findNetwork(rules, transaction.chainId);
  if (fillsGap(transaction, rules.vendorWallet)) return undefined;
  if (BigInt(transaction.value ?? "0") > 0n) return allowFuel(network, transaction, fuelled);
  if (network.multicall !== undefined && transaction.to === network.multicall) return allowBatch(rules, transaction);
  const call = tokenInterface.parseTransaction({ data: transaction.data });
  const { chainId, to: token } = transaction;
  if (call?.name === "transfer") {
    const [to, amountUnits] = readPayee(call.args, 0);
    return { chainId, token, to, amountUnits };
  }
  if (call?.name !== "receiveWithAuthorization" && call?.name !== "transferWithAuthorization") {
    throw new DestinationRefused("the vendor wallet only sends authorised transfers");
  }
  const [to, amountUnits] = readPayee(call.args, 1);
  const [from] = call.args;
  return judgeTransfer(rules, { chainId, token, to, amountUnits, ...(typeof from === "string" ? { from } : {}) });
}

/** Reads a call that a deposit address makes itself: a plain transfer to us, or a payout to be proven. Throws `DestinationRefused`. */
export function judgeDepositCall(
  rules: SigningRules,
  input: { readonly transaction: UnsignedTransaction; readonly owner: string },
): Payout | undefined {
  const { transaction, owner } = input;
  const { chainId, to: token } = transaction;
  findNetwork(rules, chainId);
  if (fillsGap(transaction, owner)) return undefined;
  if (BigInt(transaction.value ?? "0") !== 0n) throw new DestinationRefused("a deposit address sends no native coin");
  const call = tokenInterface.parseTransaction({ data: transaction.data });
  if (call?.name !== "transfer") throw new DestinationRefused("a deposit address only transfers its tokens");
  const [to, amountUnits] = readPayee(call.args, 0);
  return judgeTransfer(rules, { chainId, token, to, amountUnits });
}

/** Every call of a batch is an authorised transfer of a known token to us: nothing in it is ever paid out. */
function allowBatch(rules: SigningRules, transaction: UnsignedTransaction): undefined {
  for (const { target, data } of decodeBatch(transaction.data) ?? []) {
    const call = tokenInterface.parseTransaction({ data });
    if (call?.name !== "transferWithAuthorization")
      throw new DestinationRefused("a batch only holds authorised transfers");
    const [to, amountUnits] = readPayee(call.args, 1);
    const payout = judgeTransfer(rules, { chainId: transaction.chainId, token: target, to, amountUnits });
    if (payout !== undefined) throw new DestinationRefused("a batch pays nobody but us");
  }
}

/** To us: only known tokens. To anybody else: whatever the chain says came from them. */
function judgeTransfer(rules: SigningRules, transfer: Payout): Payout | undefined {
  const network = findNetwork(rules, transfer.chainId);
  if (transfer.to !== rules.treasury && transfer.to !== rules.vendorWallet) return transfer;
  if (!network.tokens.some((token) => token.address === transfer.token)) {
    throw new DestinationRefused(`${transfer.token} is not a token of ${network.name}`);
  }
  return undefined;
}

function allowFuel(network: EvmNetwork, transaction: UnsignedTransaction, fuelled: string | undefined): undefined {
  const { topUpLimitUnits: limit = 0n } = network;
  const value = BigInt(transaction.value ?? "0");
  if (transaction.data !== "0x") throw new DestinationRefused("native coin is never sent with a call");
  if (transaction.to !== fuelled) throw new DestinationRefused("native coin only goes to deposit addresses of ours");
  if (value > limit) throw new DestinationRefused(`${value} is more native coin than ${limit}, the most at once`);
}

function readPayee(values: readonly unknown[], at: number): readonly [string, bigint] {
  const [to, amountUnits] = values.slice(at);
  if (typeof to !== "string") throw new DestinationRefused("the call names no payee");
  // An authorised call names the amount after the payee, as a plain one does.
  if (typeof amountUnits !== "bigint") throw new DestinationRefused("the call names no amount");
  return [to, amountUnits];
}

/** Nothing sent by a wallet to itself: it moves no money and takes the nonce that is missing. */
function fillsGap(transaction: UnsignedTransaction, wallet: string): boolean {
  return transaction.to === wallet && transaction.data === "0x" && BigInt(transaction.value ?? "0") === 0n;
}

function findNetwork(rules: SigningRules, chainId: number): EvmNetwork {
  const network = rules.networks.find((candidate) => candidate.chainId === chainId);
  if (network === undefined) throw new DestinationRefused(`chain ${chainId} is not configured`);
  return network;
}

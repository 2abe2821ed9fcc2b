import type { EvmNetwork, TransferAuthorization, UnsignedTransaction } from "../chain.ts";
import { DestinationRefused } from "../errors.ts";
import { tokenInterface } from "./erc20-transfers.ts";

/** What a signer knows of right and wrong: the chains and tokens it signs for, and where tokens may go. */
export type SigningRules = {
  readonly networks: readonly EvmNetwork[];
  readonly vendorWallet: string;
  readonly treasury: string;
};

/** Refuses to authorise anything but a known token's way to the treasury or the vendor wallet. Throws `DestinationRefused`. */
export function allowAuthorization(rules: SigningRules, authorization: TransferAuthorization): void {
  const { chainId, token, to } = authorization;
  allowToken(rules, chainId, token.address);
  allowDestination(rules, to);
}

/**
 * Reads a call of the vendor wallet by its bytes, not by what the caller says about them: authorised transfers to us, or fuel for
 * `fuelled`, a deposit address whose key the signer derived itself, up to the network's limit. Throws `DestinationRefused`.
 */
export function allowVendorCall(
  rules: SigningRules,
  input: { readonly transaction: UnsignedTransaction; readonly fuelled: string | undefined },
): void {
  const { transaction, fuelled } = input;
  const network = findNetwork(rules, transaction.chainId);
  if (fillsGap(transaction, rules.vendorWallet)) return;
  const value = BigInt(transaction.value ?? "0");
  if (value > 0n) {
    const { topUpLimitUnits: limit = 0n } = network;
    if (transaction.data !== "0x") throw new DestinationRefused("native coin is never sent with a call");
    if (transaction.to !== fuelled) throw new DestinationRefused("native coin only goes to deposit addresses of ours");
    if (value > limit) throw new DestinationRefused(`${value} is more native coin than ${limit}, the most at once`);
    return;
  }
  allowToken(rules, transaction.chainId, transaction.to);
  const call = tokenInterface.parseTransaction({ data: transaction.data });
  if (call?.name !== "receiveWithAuthorization" && call?.name !== "transferWithAuthorization") {
    throw new DestinationRefused("the vendor wallet only sends authorised transfers");
  }
  allowDestination(rules, call.args[1]);
}

/** Reads a call that a deposit address makes itself: a plain transfer of a known token to us. Throws `DestinationRefused`. */
export function allowDepositCall(
  rules: SigningRules,
  input: { readonly transaction: UnsignedTransaction; readonly owner: string },
): void {
  const { transaction, owner } = input;
  findNetwork(rules, transaction.chainId);
  if (fillsGap(transaction, owner)) return;
  if (BigInt(transaction.value ?? "0") !== 0n) throw new DestinationRefused("a deposit address sends no native coin");
  allowToken(rules, transaction.chainId, transaction.to);
  const call = tokenInterface.parseTransaction({ data: transaction.data });
  if (call?.name !== "transfer") throw new DestinationRefused("a deposit address only transfers its tokens");
  allowDestination(rules, call.args[0]);
}

/** Nothing sent by a wallet to itself: it moves no money and takes the nonce that is missing. */
function fillsGap(transaction: UnsignedTransaction, wallet: string): boolean {
  return transaction.to === wallet && transaction.data === "0x" && BigInt(transaction.value ?? "0") === 0n;
}

function allowDestination(rules: SigningRules, to: unknown): void {
  if (to === rules.treasury || to === rules.vendorWallet) return;
  throw new DestinationRefused(`the tokens would go to ${to}, neither the treasury nor the vendor wallet`);
}

function allowToken(rules: SigningRules, chainId: number, address: string): void {
  const network = findNetwork(rules, chainId);
  if (!network.tokens.some((token) => token.address === address)) {
    throw new DestinationRefused(`${address} is not a token of ${network.name}`);
  }
}

function findNetwork(rules: SigningRules, chainId: number): EvmNetwork {
  const network = rules.networks.find((candidate) => candidate.chainId === chainId);
  if (network === undefined) throw new DestinationRefused(`chain ${chainId} is not configured`);
  return network;
}

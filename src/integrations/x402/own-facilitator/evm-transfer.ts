import {
  encodeFunctionData,
  getAddress,
  type Hex,
  isAddressEqual,
  type PublicClient,
  parseAbi,
  parseEventLogs,
  parseSignature,
  parseTransaction,
  TransactionReceiptNotFoundError,
} from "viem";
import { z } from "zod";
import type { Landing, PaymentCall, SettlementTerms } from "./settlement-chain.ts";

// EIP-3009, with USDC's second overload for smart wallets.
const ABI = parseAbi([
  "function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, uint8 v, bytes32 r, bytes32 s)",
  "function transferWithAuthorization(address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce, bytes signature)",
  "event Transfer(address indexed from, address indexed to, uint256 value)",
]);
const ECDSA_CHARACTERS = 132;

const hex = z.templateLiteral(["0x", z.string()]).refine((value) => /^0x[0-9a-fA-F]*$/.test(value));
const integer = z.string().regex(/^[0-9]{1,78}$/);
const Signed = z.object({
  signature: hex,
  authorization: z.object({
    from: hex,
    to: hex,
    value: integer,
    validAfter: integer,
    validBefore: integer,
    nonce: hex,
  }),
});

/** The call that settles a checked authorization. Throws what zod and viem throw for one that was not checked. */
export function encodeTransfer({ payload, requirements }: PaymentCall): { readonly to: Hex; readonly data: Hex } {
  const { signature, authorization } = Signed.parse(payload.payload);
  const { from, to, value, validAfter, validBefore, nonce } = authorization;
  const args = [
    getAddress(from),
    getAddress(to),
    BigInt(value),
    BigInt(validAfter),
    BigInt(validBefore),
    nonce,
  ] as const;
  const asset = getAddress(requirements.asset);
  if (signature.length !== ECDSA_CHARACTERS) {
    return {
      to: asset,
      data: encodeFunctionData({ abi: ABI, functionName: "transferWithAuthorization", args: [...args, signature] }),
    };
  }
  const { r, s, yParity } = parseSignature(signature);
  return {
    to: asset,
    data: encodeFunctionData({
      abi: ABI,
      functionName: "transferWithAuthorization",
      args: [...args, yParity + 27, r, s],
    }),
  };
}

/**
 * Whether the settlement landed: its receipt, and in it the very transfer, as a token may swallow a used nonce without reverting. Dropped
 * is one whose wallet's nonce another transaction used up.
 */
export async function lookAtTransfer(
  client: PublicClient,
  sent: { readonly transaction: string; readonly raw: string; readonly wallet: Hex; readonly terms: SettlementTerms },
): Promise<Landing> {
  const hash: Hex = `0x${sent.transaction.slice(2)}`;
  // Before the receipt: a transaction that is mined in between is then seen.
  const count = await client.getTransactionCount({ address: sent.wallet, blockTag: "latest" });
  const receipt = await client.getTransactionReceipt({ hash }).catch((error: unknown) => {
    if (error instanceof TransactionReceiptNotFoundError) return undefined;
    throw error;
  });
  if (receipt === undefined) {
    const { nonce = 0 } = parseTransaction(`0x${sent.raw.slice(2)}`);
    return count > nonce ? "dropped" : "not_seen";
  }
  if (receipt.status !== "success") return "failed";
  const { asset, payer, payTo, amount } = sent.terms;
  const transfers = parseEventLogs({ abi: ABI, eventName: "Transfer", logs: receipt.logs });
  const isThere = transfers.some(
    ({ address, args }) =>
      isAddressEqual(address, getAddress(asset)) &&
      isAddressEqual(args.from, getAddress(payer)) &&
      isAddressEqual(args.to, getAddress(payTo)) &&
      args.value === BigInt(amount),
  );
  return isThere ? "landed" : "failed";
}

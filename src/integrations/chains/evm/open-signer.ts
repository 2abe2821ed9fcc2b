import { getAddress, type HDNodeWallet, Transaction, type TransactionLike, Wallet } from "ethers";
import type {
  DepositKey,
  EvmNetwork,
  RefundClaim,
  TransactionReceipt,
  TransferAuthorization,
  UnsignedTransaction,
} from "../chain.ts";
import { DestinationRefused, KeyRingNotLoaded } from "../errors.ts";
import type { PayoutClaim } from "../payouts/payout-claim.ts";
import type { ReadPayout, Signer } from "../signer.ts";
import { authorizationTypedData } from "./erc20-transfers.ts";
import { keyRingId } from "./key-ring.ts";
import {
  judgeAuthorization,
  judgeDepositCall,
  judgeVendorCall,
  type Payout,
  type SigningRules,
} from "./signing-rules.ts";

/** A key that may be elsewhere: it signs a transaction, answers the raw bytes, and shows nothing of itself. */
export type TransactionKey = {
  readonly address: string;
  sign(transaction: TransactionLike<string>): Promise<string>;
};

/** What a signer is told beside its keys. */
export type SignerSettings = {
  readonly networks: readonly EvmNetwork[];
  /** A cold wallet, or absent to sweep to the vendor wallet. */
  readonly treasury?: string;
  /** The signer's own look at a chain, by chain id. Without it no refund is signed. */
  readonly readReceipt?: (chainId: number, transactionHash: string) => Promise<TransactionReceipt | undefined>;
  /** The signer's own look at payouts. Without it nothing leaves the settlement wallet. */
  readonly readPayout?: ReadPayout;
};

/**
 * Puts the rules in front of keys, wherever those are kept. `account` is the deposit keys' account node, `vendor` the gas tank's key, `settlement` the
 * settlement wallet's.
 * The keys live in closures: no property, log, JSON or `util.inspect` of the signer shows them.
 */
export function openSigner(
  input: SignerSettings & {
    readonly account: HDNodeWallet;
    readonly vendor: TransactionKey;
    readonly settlement: HDNodeWallet;
  },
): Signer {
  const { vendor, networks, settlement } = input;
  const external = input.account.deriveChild(0);
  const ring = keyRingId(input.account.neuter().extendedKey);
  const treasury = getAddress(input.treasury ?? vendor.address);
  const rules: SigningRules = { networks, treasury, vendorWallet: vendor.address };
  const ownerOf = (key: DepositKey): HDNodeWallet => {
    if (key.keyRingId !== ring) throw new KeyRingNotLoaded(key.keyRingId);
    return external.deriveChild(key.index);
  };
  const prove = async (payout: Payout | undefined, claims: Claims): Promise<void> => {
    if (payout === undefined) return;
    const { pays, refunds: claim } = claims;
    if (pays !== undefined) return provePayout(input, { payout, pays, wallet: settlement.address });
    if (claim === undefined || input.readReceipt === undefined) throw refused(payout);
    const wallets = claim.receivedAt === undefined ? [treasury, vendor.address] : [ownerOf(claim.receivedAt).address];
    const receipt = await input.readReceipt(payout.chainId, claim.transactionHash);
    if (!isRefundOf(receipt, { payout, wallets })) throw refused(payout);
  };
  const keyFor = async (transaction: UnsignedTransaction): Promise<TransactionKey> => {
    if (transaction.signedBy === undefined) {
      const fuelled = transaction.fuels === undefined ? undefined : ownerOf(transaction.fuels).address;
      await prove(judgeVendorCall(rules, { transaction, fuelled }), transaction);
      return vendor;
    }
    const owner = ownerOf(transaction.signedBy);
    await prove(judgeDepositCall(rules, { transaction, owner: owner.address }), { refunds: transaction.refunds });
    const wallet = new Wallet(owner.privateKey);
    return { address: owner.address, sign: (unsigned) => wallet.signTransaction(unsigned) };
  };
  return Object.freeze({
    vendorWallet: vendor.address,
    treasury,
    settlementWallet: settlement.address,
    keyRingId: ring,
    signTransferAuthorization: async (key: DepositKey | "settlement", authorization: TransferAuthorization) => {
      if (key === "settlement") return signSettlement(input, authorization);
      const owner = ownerOf(key);
      if (owner.address !== authorization.from) {
        throw new DestinationRefused("the key does not belong to the deposit address");
      }
      await prove(judgeAuthorization(rules, authorization), { refunds: authorization.refunds });
      const { domain, types, message } = authorizationTypedData(authorization);
      return new Wallet(owner.privateKey).signTypedData(domain, types, message);
    },
    signTransaction: async (transaction: UnsignedTransaction, nonce: number) => {
      const raw = await (await keyFor(transaction)).sign(envelope(transaction, nonce));
      const { hash } = Transaction.from(raw);
      if (hash === null) throw new Error("A signed transaction has no hash.");
      return { raw, hash };
    },
  });
}

type Claims = { readonly refunds?: RefundClaim | undefined; readonly pays?: PayoutClaim | undefined };

/** The settlement wallet's key signs payouts and nothing else, each exactly as its row says. */
async function signSettlement(
  input: SignerSettings & { readonly settlement: HDNodeWallet },
  authorization: TransferAuthorization,
): Promise<string> {
  const { settlement } = input;
  const { chainId, token, to, amountUnits, pays, from } = authorization;
  const payout = { chainId, token: token.address, from, to, amountUnits };
  if (pays === undefined) throw refused(payout);
  await provePayout(input, { payout, pays, wallet: settlement.address });
  const { domain, types, message } = authorizationTypedData(authorization);
  return new Wallet(settlement.privateKey).signTypedData(domain, types, message);
}

/** A configured token of the settlement wallet, to the address and of the amount that the payout's row has. Throws `DestinationRefused`. */
async function provePayout(
  { networks, readPayout }: SignerSettings,
  input: { readonly payout: Payout; readonly pays: PayoutClaim; readonly wallet: string },
): Promise<void> {
  const { payout, pays, wallet } = input;
  const network = networks.find(({ chainId }) => chainId === payout.chainId);
  const token = network?.tokens.find(({ address }) => address === payout.token);
  const row = await readPayout?.(pays.payoutId);
  const isOfRow =
    row !== undefined &&
    row.network === network?.id &&
    row.token === token?.symbol &&
    row.destination === payout.to &&
    row.amountUnits === payout.amountUnits;
  if (payout.from !== wallet || !isOfRow) throw refused(payout);
}

/** Whether the chain says that as many tokens came from the payee to one of our places, in a transaction that succeeded. */
function isRefundOf(
  receipt: TransactionReceipt | undefined,
  { payout, wallets }: { readonly payout: Payout; readonly wallets: readonly string[] },
): boolean {
  if (receipt === undefined || !receipt.succeeded) return false;
  const came = receipt.transfers
    .filter(({ token, from, to }) => token === payout.token && from === payout.to && wallets.includes(to))
    .reduce((sum, { amountUnits }) => sum + amountUnits, 0n);
  return payout.amountUnits > 0n && payout.amountUnits <= came;
}

function refused({ to }: Payout): DestinationRefused {
  return new DestinationRefused(
    `the tokens would go to ${to}, neither the treasury nor the vendor wallet, nor who sent as much of them to a deposit address, nor as a payout's row says`,
  );
}

/** Exactly what is signed: nothing of the stored call beyond these fields. */
function envelope(transaction: UnsignedTransaction, nonce: number): TransactionLike<string> {
  const { chainId, to, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas, value = "0" } = transaction;
  return { type: 2, chainId, nonce, to, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas, value: BigInt(value) };
}

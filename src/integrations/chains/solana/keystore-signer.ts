import { createHash } from "node:crypto";
import { Keypair } from "@solana/web3.js";
import type { DepositKey, SolanaNetwork, SponsoredTransfer, TransactionReceipt } from "../chain.ts";
import { DestinationRefused, KeyRingNotLoaded } from "../errors.ts";
import { readKeystoreSeed } from "../evm/keystore-signer.ts";
import type { KeyRing } from "../key-ring.ts";
import type { ReadPayout, Signer } from "../signer.ts";
import { encodeBase58 } from "./base58.ts";
import { derivePrivateKey } from "./private-key-derivation.ts";
import { buildSponsoredTransfer } from "./sponsored-transfer.ts";
import { whyNotWallet } from "./token-accounts.ts";

/** The gas tank's path: beside the deposit keys, never one of them. The Solana CLI knows it as `prompt://?key=0/1`. */
const VENDOR_WALLET_PATH = "m/44'/501'/0'/1'";

/** Takes payments for merchants in custodial mode. */
const SETTLEMENT_WALLET_PATH = "m/44'/501'/0'/2'";

/** A deposit key's path, as wallets number accounts. */
const depositPath = (index: number) => `m/44'/501'/${index}'/0'`;

/** Solana's keys of a worker: the signer, and the ring that makes addresses for the stock. Both are printed safely. */
export type SolanaKeys = { readonly signer: Signer; readonly keyRing: KeyRing };

/**
 * Opens the Solana keys of the same keystore and mnemonic as the EVM ones. `treasury` is a cold wallet, or absent to sweep to the vendor
 * wallet. Throws `KeystoreUnreadable`, and `DestinationRefused` when the treasury is no wallet (a token account, a mistyped address).
 */
export async function openSolanaKeys(input: {
  readonly keystoreJson: string;
  readonly password: string;
  readonly network: SolanaNetwork;
  readonly treasury?: string;
  /** The signer's own look at the chain. Without it no refund is signed. */
  readonly readReceipt?: (signature: string) => Promise<TransactionReceipt | undefined>;
  /** The signer's own look at payouts. Without it nothing leaves the settlement wallet. */
  readonly readPayout?: ReadPayout;
}): Promise<SolanaKeys> {
  const seed = await readKeystoreSeed(input);
  const keyAt = (path: string) => Keypair.fromSeed(derivePrivateKey(seed, path));
  const vendor = keyAt(VENDOR_WALLET_PATH);
  const settlement = keyAt(SETTLEMENT_WALLET_PATH);
  const vendorWallet = vendor.publicKey.toBase58();
  const treasury = input.treasury ?? vendorWallet;
  const fault = whyNotWallet(treasury);
  if (fault !== undefined) throw new DestinationRefused(`the Solana treasury cannot receive tokens, ${fault}`);
  const fingerprint = createHash("sha256").update(`solana:${vendorWallet}`).digest("hex");
  const keyRingId = `kr_${fingerprint.slice(0, 24)}`;
  const ownerOf = (key: DepositKey) => {
    if (key.keyRingId !== keyRingId) throw new KeyRingNotLoaded(key.keyRingId);
    return keyAt(depositPath(key.index));
  };
  const wallets = [treasury, vendorWallet];

  const proveRefund = async (transfer: SponsoredTransfer) => {
    const { refunds } = transfer;
    if (refunds === undefined || input.readReceipt === undefined) throw refused(transfer);
    const places = refunds.receivedAt === undefined ? wallets : [ownerOf(refunds.receivedAt).publicKey.toBase58()];
    const receipt = await input.readReceipt(refunds.transactionHash);
    if (!isRefundOf(receipt, { transfer, places })) throw refused(transfer);
  };
  const keyOf = (key: DepositKey | "vendor" | "settlement") => {
    if (key === "settlement") return settlement;
    return key === "vendor" ? vendor : ownerOf(key);
  };
  const signSponsoredTransfer = async (key: DepositKey | "vendor" | "settlement", transfer: SponsoredTransfer) => {
    const owner = keyOf(key);
    if (owner.publicKey.toBase58() !== transfer.from)
      throw new DestinationRefused("the key does not belong to the address the tokens are at");
    requireToken(input.network, transfer);
    if (key === "settlement") await provePayout(input, transfer);
    else if (key === "vendor" || !wallets.includes(transfer.to)) await proveRefund(transfer);
    const transaction = buildSponsoredTransfer(transfer, vendorWallet);
    transaction.sign(...new Set([vendor, owner]));
    if (transaction.signature === null) throw new Error("A signed transaction has no signature.");
    return { raw: transaction.serialize().toString("base64"), hash: encodeBase58(transaction.signature) };
  };
  const deriveAddress = (index: number) => keyAt(depositPath(index)).publicKey.toBase58();
  return {
    signer: Object.freeze({
      vendorWallet,
      treasury,
      settlementWallet: settlement.publicKey.toBase58(),
      keyRingId,
      signTransferAuthorization: refuse,
      signTransaction: refuse,
      signSponsoredTransfer,
    }),
    keyRing: Object.freeze({ id: keyRingId, kind: "solana", fingerprint, deriveAddress }),
  };
}

/** What these keys are never used for. */
async function refuse(): Promise<never> {
  throw new DestinationRefused("Solana's keys sign transfers of deposits to the treasury and nothing else");
}

function requireToken(network: SolanaNetwork, { mint, decimals }: SponsoredTransfer): void {
  const token = network.tokens.find(({ address }) => address === mint);
  if (token === undefined) throw new DestinationRefused(`${mint} is not a token of ${network.name}`);
  if (token.decimals !== decimals) throw new DestinationRefused(`${token.symbol} has ${token.decimals} decimals`);
}

/** To the address and of the amount that the payout's row has, and nothing else. Throws `DestinationRefused`. */
async function provePayout(
  { network, readPayout }: { readonly network: SolanaNetwork; readonly readPayout?: ReadPayout },
  transfer: SponsoredTransfer,
): Promise<void> {
  const row = transfer.pays === undefined ? undefined : await readPayout?.(transfer.pays.payoutId);
  const isOfRow =
    row !== undefined &&
    row.network === network.id &&
    row.token === network.tokens.find(({ address }) => address === transfer.mint)?.symbol &&
    row.destination === transfer.to &&
    row.amountUnits === BigInt(transfer.amountUnits);
  if (!isOfRow) throw refused(transfer);
}

/** Whether the chain says that as many tokens came from the payee to one of our places, in a transaction that succeeded. */
function isRefundOf(
  receipt: TransactionReceipt | undefined,
  { transfer, places }: { readonly transfer: SponsoredTransfer; readonly places: readonly string[] },
): boolean {
  if (receipt?.succeeded !== true) return false;
  const came = receipt.transfers
    .filter(({ token, from, to }) => token === transfer.mint && from === transfer.to && places.includes(to))
    .reduce((sum, { amountUnits }) => sum + amountUnits, 0n);
  const goes = BigInt(transfer.amountUnits);
  return goes > 0n && goes <= came;
}

function refused({ to }: SponsoredTransfer): DestinationRefused {
  return new DestinationRefused(
    `the tokens would go to ${to}, neither the treasury nor the vendor wallet, nor who sent as much of them to a deposit address, nor as a payout's row says`,
  );
}

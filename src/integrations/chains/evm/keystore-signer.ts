import { getAddress, HDNodeWallet, Mnemonic, Transaction, Wallet } from "ethers";
import type { ChainNetwork, TransferAuthorization, UnsignedTransaction } from "../chain.ts";
import { DestinationRefused, KeyRingNotLoaded, KeystoreUnreadable } from "../errors.ts";
import type { DepositKey, Signer } from "../signer.ts";
import { authorizationTypedData, tokenInterface } from "./erc20-transfers.ts";
import { DEPOSIT_ACCOUNT_PATH, keyRingId, VENDOR_WALLET_PATH } from "./key-ring.ts";

/**
 * Opens the keystore once, at worker start, and keeps the keys in closures: no property, log, JSON or `util.inspect` of the
 * signer shows them. `networks` are the chains and tokens it signs for; `treasury` is a cold wallet, or absent to sweep to the
 * vendor wallet. Takes about a second of CPU. Throws `KeystoreUnreadable` for a wrong file or password.
 */
export async function openKeystoreSigner(input: {
  readonly keystoreJson: string;
  readonly password: string;
  readonly networks: readonly ChainNetwork[];
  readonly treasury?: string;
}): Promise<Signer> {
  const root = await decrypt(input.keystoreJson, input.password);
  const account = root.derivePath(DEPOSIT_ACCOUNT_PATH);
  const external = account.deriveChild(0);
  const vendor = new Wallet(root.derivePath(VENDOR_WALLET_PATH).privateKey);
  const treasury = getAddress(input.treasury ?? vendor.address);
  const ring = keyRingId(account.neuter().extendedKey);
  const rules: Rules = { networks: input.networks, destinations: new Set([treasury, vendor.address]) };

  const signTransferAuthorization = async (key: DepositKey, authorization: TransferAuthorization) => {
    if (key.keyRingId !== ring) throw new KeyRingNotLoaded(key.keyRingId);
    const owner = external.deriveChild(key.index);
    if (owner.address !== authorization.from)
      throw new DestinationRefused("the key does not belong to the deposit address");
    allowAuthorization(rules, authorization);
    const { domain, types, message } = authorizationTypedData(authorization);
    return new Wallet(owner.privateKey).signTypedData(domain, types, message);
  };
  const signTransaction = async (transaction: UnsignedTransaction, nonce: number) => {
    allowTransaction(rules, transaction);
    const raw = await vendor.signTransaction({ ...transaction, nonce, type: 2, value: 0n });
    const { hash } = Transaction.from(raw);
    if (hash === null) throw new Error("A signed transaction has no hash.");
    return { raw, hash };
  };
  return Object.freeze({
    vendorWallet: vendor.address,
    treasury,
    keyRingId: ring,
    signTransferAuthorization,
    signTransaction,
  });
}

type Rules = { readonly networks: readonly ChainNetwork[]; readonly destinations: ReadonlySet<string> };

async function decrypt(keystoreJson: string, password: string): Promise<HDNodeWallet> {
  let wallet: unknown;
  try {
    wallet = await Wallet.fromEncryptedJson(keystoreJson, password);
  } catch {
    throw new KeystoreUnreadable(
      "The keystore does not open: the file is not an encrypted keystore, or the password is wrong.",
    );
  }
  if (!(wallet instanceof HDNodeWallet) || wallet.mnemonic === null) {
    throw new KeystoreUnreadable(
      "The keystore holds a single key, not a mnemonic. Make one with: npm run keys -- create",
    );
  }
  return HDNodeWallet.fromMnemonic(Mnemonic.fromEntropy(wallet.mnemonic.entropy), "m");
}

function allowAuthorization(rules: Rules, authorization: TransferAuthorization): void {
  const { chainId, token, to } = authorization;
  allowToken(rules, chainId, token.address);
  if (!rules.destinations.has(to)) throw new DestinationRefused(`${to} is neither the treasury nor the vendor wallet`);
}

/** Reads the call itself: what is signed is judged by its bytes, not by what the caller says about them. */
function allowTransaction(rules: Rules, transaction: UnsignedTransaction): void {
  allowToken(rules, transaction.chainId, transaction.to);
  const call = tokenInterface.parseTransaction({ data: transaction.data });
  if (call?.name !== "receiveWithAuthorization" && call?.name !== "transferWithAuthorization") {
    throw new DestinationRefused("the vendor wallet only sends authorised transfers");
  }
  const to: unknown = call.args[1];
  if (typeof to !== "string" || !rules.destinations.has(to)) {
    throw new DestinationRefused("the call pays somebody who is neither the treasury nor the vendor wallet");
  }
}

function allowToken(rules: Rules, chainId: number, address: string): void {
  const network = rules.networks.find((candidate) => candidate.chainId === chainId);
  if (network === undefined) throw new DestinationRefused(`chain ${chainId} is not configured`);
  if (!network.tokens.some((token) => token.address === address)) {
    throw new DestinationRefused(`${address} is not a token of ${network.name}`);
  }
}

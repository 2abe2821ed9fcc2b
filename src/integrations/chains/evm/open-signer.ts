import { getAddress, type HDNodeWallet, Transaction, type TransactionLike, Wallet } from "ethers";
import type { DepositKey, EvmNetwork, TransferAuthorization, UnsignedTransaction } from "../chain.ts";
import { DestinationRefused, KeyRingNotLoaded } from "../errors.ts";
import type { Signer } from "../signer.ts";
import { authorizationTypedData } from "./erc20-transfers.ts";
import { keyRingId } from "./key-ring.ts";
import { allowAuthorization, allowDepositCall, allowVendorCall, type SigningRules } from "./signing-rules.ts";

/** A key that may be elsewhere: it signs a transaction, answers the raw bytes, and shows nothing of itself. */
export type TransactionKey = {
  readonly address: string;
  sign(transaction: TransactionLike<string>): Promise<string>;
};

/**
 * Puts the rules in front of keys, wherever those are kept. `account` is the deposit keys' account node, `vendor` the gas tank's key.
 * The keys live in closures: no property, log, JSON or `util.inspect` of the signer shows them.
 */
export function openSigner(input: {
  readonly account: HDNodeWallet;
  readonly vendor: TransactionKey;
  readonly networks: readonly EvmNetwork[];
  readonly treasury?: string;
}): Signer {
  const { vendor, networks } = input;
  const external = input.account.deriveChild(0);
  const ring = keyRingId(input.account.neuter().extendedKey);
  const treasury = getAddress(input.treasury ?? vendor.address);
  const rules: SigningRules = { networks, treasury, vendorWallet: vendor.address };
  const ownerOf = (key: DepositKey): HDNodeWallet => {
    if (key.keyRingId !== ring) throw new KeyRingNotLoaded(key.keyRingId);
    return external.deriveChild(key.index);
  };
  const keyFor = (transaction: UnsignedTransaction): TransactionKey => {
    if (transaction.signedBy === undefined) {
      const fuelled = transaction.fuels === undefined ? undefined : ownerOf(transaction.fuels).address;
      allowVendorCall(rules, { transaction, fuelled });
      return vendor;
    }
    const owner = ownerOf(transaction.signedBy);
    allowDepositCall(rules, { transaction, owner: owner.address });
    const wallet = new Wallet(owner.privateKey);
    return { address: owner.address, sign: (unsigned) => wallet.signTransaction(unsigned) };
  };
  return Object.freeze({
    vendorWallet: vendor.address,
    treasury,
    keyRingId: ring,
    signTransferAuthorization: async (key: DepositKey, authorization: TransferAuthorization) => {
      const owner = ownerOf(key);
      if (owner.address !== authorization.from) {
        throw new DestinationRefused("the key does not belong to the deposit address");
      }
      allowAuthorization(rules, authorization);
      const { domain, types, message } = authorizationTypedData(authorization);
      return new Wallet(owner.privateKey).signTypedData(domain, types, message);
    },
    signTransaction: async (transaction: UnsignedTransaction, nonce: number) => {
      const raw = await keyFor(transaction).sign(envelope(transaction, nonce));
      const { hash } = Transaction.from(raw);
      if (hash === null) throw new Error("A signed transaction has no hash.");
      return { raw, hash };
    },
  });
}

/** Exactly what is signed: nothing of the stored call beyond these fields. */
function envelope(transaction: UnsignedTransaction, nonce: number): TransactionLike<string> {
  const { chainId, to, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas, value = "0" } = transaction;
  return { type: 2, chainId, nonce, to, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas, value: BigInt(value) };
}

import {
  ComputeBudgetProgram,
  Keypair,
  PublicKey,
  SystemProgram,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from "@solana/web3.js";
import { Contract, HDNodeWallet, hexlify, JsonRpcProvider, NonceManager, randomBytes, Wallet } from "ethers";
import { z } from "zod";
import usdcArtifact from "../../sandbox/contracts/test-usdc.json" with { type: "json" };
import type { EvmPart } from "../../sandbox/parts/evm.ts";
import { askSurfnet, LOCAL_USDC_MINT, setLamports, setTokens } from "../../sandbox/parts/surfnet.ts";
import { encodeBatch, MULTICALL3_ADDRESS } from "../../src/integrations/chains/evm/multicall.ts";
import { encodeBase58 } from "../../src/integrations/chains/solana/base58.ts";
import { buildSponsoredTransfer } from "../../src/integrations/chains/solana/sponsored-transfer.ts";

const TYPES = {
  TransferWithAuthorization: [
    { name: "from", type: "address" },
    { name: "to", type: "address" },
    { name: "value", type: "uint256" },
    { name: "validAfter", type: "uint256" },
    { name: "validBefore", type: "uint256" },
    { name: "nonce", type: "bytes32" },
  ],
};
const CANCEL_TYPES = {
  CancelAuthorization: [
    { name: "authorizer", type: "address" },
    { name: "nonce", type: "bytes32" },
  ],
};

const TRANSFER = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)";

/** The `payload` of an x402 payment on EVM. */
export type EvmPayload = {
  readonly signature: string;
  readonly authorization: {
    readonly from: string;
    readonly to: string;
    readonly value: string;
    readonly validAfter: string;
    readonly validBefore: string;
    readonly nonce: string;
  };
};

/** A payer with USDC on a local EVM chain, and a facilitator's wallet that brings its payments there. */
export async function openEvmPayer(evm: EvmPart) {
  const payer = Wallet.createRandom();
  await evm.mint("USDC", payer.address, 10n ** 12n);
  const provider = new JsonRpcProvider(evm.rpc, evm.chainId, {
    staticNetwork: true,
    batchMaxCount: 1,
    cacheTimeout: -1,
  });
  const sender = HDNodeWallet.createRandom();
  await evm.fund(sender.address, 10n ** 20n);
  const wallet = new NonceManager(sender.connect(provider));
  const usdc = new Contract(evm.usdc, usdcArtifact.abi, wallet);
  const domain = { name: "USD Coin", version: "2", chainId: evm.chainId, verifyingContract: evm.usdc };
  const send = async (method: string, ...values: readonly unknown[]): Promise<string> => {
    const sent = await usdc.getFunction(method).send(...values);
    await sent.wait();
    return sent.hash;
  };
  return {
    address: payer.address,
    /** Signs a text, as wallets do (ERC-191). */
    signMessage: (text: string) => payer.signMessage(text),
    /** Signs for a transfer that is valid until `validBefore`, seconds of the epoch; an hour from now unless told. */
    sign: async (terms: {
      readonly to: string;
      readonly units: bigint;
      readonly validBefore?: bigint;
      /** A new one unless told. */
      readonly nonce?: string;
    }): Promise<EvmPayload> => {
      const validBefore = terms.validBefore ?? BigInt(Math.floor(Date.now() / 1000) + 3_600);
      const nonce = terms.nonce ?? hexlify(randomBytes(32));
      const { to, units: value } = terms;
      const message = { from: payer.address, to, value, validAfter: 0n, validBefore, nonce };
      const signature = await payer.signTypedData(domain, TYPES, message);
      return {
        signature,
        authorization: { ...message, value: value.toString(), validAfter: "0", validBefore: validBefore.toString() },
      };
    },
    /** Puts it on the chain and answers the transaction's hash. */
    submit: (payload: EvmPayload) => send(TRANSFER, ...transferValues(payload)),
    /** Puts several on the chain in one transaction, as anybody who has them may, with transfers that were allowed before. */
    submitTogether: async (payloads: readonly EvmPayload[], plain: readonly PlainTransfer[] = []): Promise<string> => {
      const calls = [
        ...payloads.map((payload) => ({ method: TRANSFER, values: transferValues(payload) })),
        ...plain.map(({ from, to, units }) => ({ method: "transferFrom", values: [from, to, units] })),
      ].map(({ method, values }) => ({
        target: evm.usdc,
        data: usdc.interface.encodeFunctionData(method, values),
      }));
      const request = { to: MULTICALL3_ADDRESS, data: encodeBatch(calls) };
      const sent = await wallet.sendTransaction(request);
      await sent.wait();
      return sent.hash;
    },
    /** Lets anybody move its tokens in a batch. */
    allowBatches: async () => {
      await evm.fund(payer.address, 10n ** 18n);
      const own = new Contract(evm.usdc, usdcArtifact.abi, payer.connect(provider));
      const sent = await own.getFunction("approve").send(MULTICALL3_ADDRESS, 10n ** 12n);
      await sent.wait();
    },
    /** The payer takes it back. */
    cancel: async ({ authorization: { from: authorizer, nonce } }: EvmPayload) => {
      const signature = await payer.signTypedData(domain, CANCEL_TYPES, { authorizer, nonce });
      return send("cancelAuthorization(address,bytes32,bytes)", authorizer, nonce, signature);
    },
    /** A plain transfer, which uses no authorization. */
    pay: async (payment: { readonly to: string; readonly units: bigint }) => {
      await evm.fund(payer.address, 10n ** 18n);
      const own = new Contract(evm.usdc, usdcArtifact.abi, payer.connect(provider));
      const sent = await own.getFunction("transfer").send(payment.to, payment.units);
      await sent.wait();
      return String(sent.hash);
    },
    close: () => provider.destroy(),
  };
}

type PlainTransfer = { readonly from: string; readonly to: string; readonly units: bigint };

function transferValues({ signature, authorization: a }: EvmPayload): readonly string[] {
  return [a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature];
}

const LatestBlockhash = z.object({ value: z.object({ blockhash: z.string() }) });
const Statuses = z.object({ value: z.array(z.object({ confirmationStatus: z.string() }).nullable()) });
const MEMO_PROGRAM = new PublicKey("MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr");

/** A payer with USDC on a local Solana chain, and a facilitator's wallet that pays the fees of its payments. */
export async function openSolanaPayer(rpc: string) {
  const payer = Keypair.generate();
  const feePayer = Keypair.generate();
  const address = payer.publicKey.toBase58();
  await setTokens(rpc, { owner: address, units: 10n ** 12n });
  await setLamports(rpc, { owner: feePayer.publicKey.toBase58(), lamports: 10n ** 10n });
  return {
    address,
    feePayer: feePayer.publicKey.toBase58(),
    /** Signs x402's exact transaction, in base 64; the fee payer's signature is missing. */
    sign: async (terms: {
      readonly to: string;
      readonly units: bigint;
      readonly memo?: string;
      readonly blockhash?: string;
      /** Begins with AdvanceNonceAccount. */
      readonly durableNonce?: true;
    }) => {
      const blockhash =
        terms.blockhash ??
        LatestBlockhash.parse(await askSurfnet(rpc, "getLatestBlockhash", [{ commitment: "confirmed" }])).value
          .blockhash;
      const order = {
        mint: LOCAL_USDC_MINT,
        decimals: 6,
        from: address,
        to: terms.to,
        amountUnits: terms.units.toString(),
      };
      const transfer = {
        kind: "sponsored_transfer" as const,
        ...order,
        blockhash,
        lastValidBlockHeight: 0,
        createsAccount: false,
      };
      const instructions = [...buildSponsoredTransfer(transfer, feePayer.publicKey.toBase58()).instructions];
      instructions[1] = ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1 });
      if (terms.memo !== undefined)
        instructions.push(
          new TransactionInstruction({ programId: MEMO_PROGRAM, keys: [], data: Buffer.from(terms.memo) }),
        );
      if (terms.durableNonce === true)
        instructions.unshift(
          SystemProgram.nonceAdvance({
            noncePubkey: Keypair.generate().publicKey,
            authorizedPubkey: feePayer.publicKey,
          }),
        );
      const message = new TransactionMessage({
        payerKey: feePayer.publicKey,
        recentBlockhash: blockhash,
        instructions,
      });
      const transaction = new VersionedTransaction(message.compileToV0Message());
      transaction.sign([payer]);
      return Buffer.from(transaction.serialize()).toString("base64");
    },
    /** Signs as the fee payer, sends it and waits until it is confirmed; answers its signature. */
    submit: async (base64: string) => {
      const transaction = VersionedTransaction.deserialize(Buffer.from(base64, "base64"));
      transaction.sign([feePayer]);
      const raw = Buffer.from(transaction.serialize()).toString("base64");
      await askSurfnet(rpc, "sendTransaction", [raw, { encoding: "base64", skipPreflight: true }]);
      const signature = encodeBase58(transaction.signatures[0] ?? new Uint8Array());
      await untilConfirmed(rpc, signature);
      return signature;
    },
  };
}

async function untilConfirmed(rpc: string, signature: string): Promise<void> {
  for (const until = performance.now() + 30_000; performance.now() < until; ) {
    const [status] = Statuses.parse(await askSurfnet(rpc, "getSignatureStatuses", [[signature]])).value;
    if (status?.confirmationStatus === "confirmed" || status?.confirmationStatus === "finalized") return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the payment ${signature} was not confirmed within 30 s`);
}

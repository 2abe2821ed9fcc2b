import {
  blockhash,
  createSolanaRpc,
  devnet,
  getCompiledTransactionMessageDecoder,
  getSignatureFromTransaction,
  type KeyPairSigner,
  signature,
} from "@solana/kit";
import { decodeTransactionFromPayload, toFacilitatorSvmSigner } from "@x402/svm";
import { ExactSvmScheme } from "@x402/svm/exact/facilitator";
import type { Database } from "../../../platform/database/pool.ts";
import type { X402Network } from "../networks.ts";
import type { Landing, SettlementChain, WalletReading } from "./settlement-chain.ts";

/** Two signatures and the rent that an account must keep to exist. */
const LEAST_LAMPORTS = 910_000n;
/** Fee payer and payer. */
const MAX_SIGNATURES = 2;
const LAMPORTS_PER_SIGNATURE = 5_000n;
const DECIMALS = 9;

/** What a payer may make us pay for. Source: the packages' defaults let one payment cost 0.007 SOL. */
export type SolanaCaps = { readonly maxComputeUnits: number; readonly maxPriorityFeeMicroLamports: number };

type Rpc = ReturnType<typeof openRpc>;

function openRpc(url: string) {
  return createSolanaRpc(devnet(url));
}

/** Settles signed SPL transfers on one Solana cluster, as their fee payer. */
export function openSolanaSettlement(
  { database, feePayer }: { readonly database: Database; readonly feePayer: KeyPairSigner },
  settings: {
    readonly network: X402Network;
    readonly rpcUrl: string;
    readonly caps: SolanaCaps;
    /** Absent on a local chain only, whose first block is another at each start. */
    readonly genesisHash?: string;
  },
): SettlementChain {
  const { network, caps, genesisHash } = settings;
  const rpc = openRpc(settings.rpcUrl);
  const signer = toFacilitatorSvmSigner(feePayer, { [network.caip2]: rpc });
  const scheme = new ExactSvmScheme(signer, undefined, { ...caps, maxRequiredSignatures: MAX_SIGNATURES });
  return {
    network,
    extra: { feePayer: feePayer.address },
    wallet: feePayer.address,
    requireChain: async () => {
      const found: string = await rpc.getGenesisHash().send();
      if (genesisHash === undefined || found === genesisHash) return;
      throw new Error(`the node of ${network.id} is of the cluster whose first block is ${found}`);
    },
    verify: async ({ payload, requirements }) => {
      const [verdict, balance] = await Promise.all([
        scheme.verify(payload, requirements),
        rpc.getBalance(feePayer.address, { commitment: "confirmed" }).send(),
      ]);
      const isSimulation = verdict.invalidReason?.includes("simulation") === true;
      // An empty fee payer shows as a failed simulation, which would blame the payer.
      if (balance.value >= LEAST_LAMPORTS || !(verdict.isValid || isSimulation)) return verdict;
      const invalidMessage = `the facilitator's fee payer ${feePayer.address} holds ${balance.value} lamports and needs ${LEAST_LAMPORTS}: fund it`;
      return { isValid: false, invalidReason: "facilitator_out_of_funds", invalidMessage, payer: verdict.payer ?? "" };
    },
    sign: async ({ payload, requirements }, record) => {
      const unsigned = payload.payload.transaction;
      if (typeof unsigned !== "string")
        return { kind: "refused", reason: "invalid_payload", message: "no transaction" };
      const raw = await signer.signTransaction(unsigned, feePayer.address, requirements.network);
      const transaction: string = getSignatureFromTransaction(decodeTransactionFromPayload({ transaction: raw }));
      const isOurs = await record(database, { transaction, raw });
      return isOurs ? { kind: "signed", transaction, raw } : { kind: "lost" };
    },
    send: async (raw) => {
      try {
        await signer.sendTransaction(raw, network.caip2);
        return "sent";
      } catch {
        // The same bytes twice are refused by some nodes and harmless everywhere: the chain is asked, not the node.
        return "unclear";
      }
    },
    look: ({ transaction, raw }) => look(rpc, { transaction, raw }),
    readWallet: async () => {
      const { value } = await rpc.getBalance(feePayer.address, { commitment: "confirmed" }).send();
      return readLamports(value, caps);
    },
  };
}

/** By the most that one settlement may cost. */
function readLamports(lamports: bigint, { maxComputeUnits, maxPriorityFeeMicroLamports }: SolanaCaps): WalletReading {
  const priority = (BigInt(maxComputeUnits) * BigInt(maxPriorityFeeMicroLamports)) / 1_000_000n;
  const perSettlement = BigInt(MAX_SIGNATURES) * LAMPORTS_PER_SIGNATURE + priority;
  const isEmpty = lamports < LEAST_LAMPORTS;
  const settlementsLeft = isEmpty ? 0 : Number((lamports - LEAST_LAMPORTS) / perSettlement);
  const blocked = isEmpty ? `the fee payer holds ${lamports} lamports and needs ${LEAST_LAMPORTS}: fund it` : null;
  return { nativeUnits: lamports, decimals: DECIMALS, settlementsLeft, blocked };
}

async function look(rpc: Rpc, sent: { readonly transaction: string; readonly raw: string }): Promise<Landing> {
  // First whether it can still land, then whether it did: what makes it into its last block is then seen.
  const { messageBytes } = decodeTransactionFromPayload({ transaction: sent.raw });
  const { lifetimeToken } = getCompiledTransactionMessageDecoder().decode(messageBytes);
  const isAlive = await isRecent(rpc, lifetimeToken);
  const { value } = await rpc
    .getSignatureStatuses([signature(sent.transaction)], { searchTransactionHistory: true })
    .send();
  const [status] = value;
  if (status === null || status === undefined) return isAlive ? "not_seen" : "dropped";
  if (status.confirmationStatus !== "confirmed" && status.confirmationStatus !== "finalized") return "not_seen";
  return status.err === null ? "landed" : "failed";
}

async function isRecent(rpc: Rpc, lifetimeToken: string): Promise<boolean> {
  const { value } = await rpc.isBlockhashValid(blockhash(lifetimeToken), { commitment: "confirmed" }).send();
  return value;
}

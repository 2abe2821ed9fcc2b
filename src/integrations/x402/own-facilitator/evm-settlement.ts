import { ExactEvmScheme } from "@x402/evm/exact/facilitator";
import { createPublicClient, defineChain, http, keccak256, type PublicClient } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { Database } from "../../../platform/database/pool.ts";
import type { X402Network } from "../networks.ts";
import { boundFees, type EvmSpending } from "./dearer-fees.ts";
import { openEvmReader } from "./evm-reader.ts";
import { encodeTransfer, lookAtTransfer } from "./evm-transfer.ts";
import { type EvmWallet, feesTooHigh, MAX_GAS, readEvmWallet, signDearer, whyUnable } from "./evm-wallet.ts";
import type { PaymentCall, RecordSigned, Sending, SettlementChain, Signing, Transact } from "./settlement-chain.ts";
import { lockLane } from "./settlement-store.ts";

const PATIENCE = { timeout: 10_000, retryCount: 1 };

/** Settles EIP-3009 authorizations on one EVM chain, from one wallet whose nonces are given out by the lane in Postgres. */
export function openEvmSettlement(
  needs: { readonly database: Database; readonly transact: Transact; readonly account: PrivateKeyAccount },
  settings: { readonly network: X402Network; readonly rpcUrl: string; readonly spending: EvmSpending },
): SettlementChain {
  const { account } = needs;
  const { network, rpcUrl, spending } = settings;
  const chainId = Number(network.caip2.slice("eip155:".length));
  const chain = defineChain({
    id: chainId,
    name: network.shortName,
    nativeCurrency: { name: "native", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [rpcUrl] } },
  });
  const client = createPublicClient({ chain, transport: http(rpcUrl, PATIENCE) });
  const wallet: EvmWallet = { ...needs, network, chainId, client, spending };
  const scheme = new ExactEvmScheme(openEvmReader(client, account.address));
  return {
    network,
    extra: {},
    wallet: account.address,
    requireChain: async () => {
      const found = await client.getChainId();
      if (found !== chainId) throw new Error(`the node of ${network.id} is of chain ${found}`);
    },
    verify: async ({ payload, requirements }) => {
      const [verdict, unable] = await Promise.all([scheme.verify(payload, requirements), whyUnable(wallet)]);
      if (!verdict.isValid || unable === undefined) return verdict;
      const { reason: invalidReason, message: invalidMessage } = unable;
      return { isValid: false, invalidReason, invalidMessage, payer: verdict.payer ?? "" };
    },
    sign: (call, record) => sign(wallet, { call, record }),
    send: (raw) => send(client, raw),
    look: ({ transaction, raw }, terms) => lookAtTransfer(client, { transaction, raw, wallet: account.address, terms }),
    signDearer: (sent, record) => signDearer(wallet, sent, record),
    readWallet: () => readEvmWallet(wallet),
  };
}

async function sign(
  wallet: EvmWallet,
  input: { readonly call: PaymentCall; readonly record: RecordSigned },
): Promise<Signing> {
  const { client, account, network, chainId, spending } = wallet;
  const { to, data } = encodeTransfer(input.call);
  const request = { account: account.address, to, data };
  const estimated = await Promise.all([
    client.estimateGas(request),
    client.estimateFeesPerGas(),
    client.getGasPrice(),
  ]).catch((error: unknown) => ({ failed: error instanceof Error ? error.message.slice(0, 300) : "it would revert" }));
  if ("failed" in estimated) {
    return { kind: "refused", reason: "invalid_exact_evm_transaction_simulation_failed", message: estimated.failed };
  }
  const [gas, { maxFeePerGas, maxPriorityFeePerGas }, gasPrice] = estimated;
  if (gas > MAX_GAS) {
    return {
      kind: "refused",
      reason: "invalid_exact_evm_gas_limit_exceeded",
      message: `it takes ${gas} gas, at most ${MAX_GAS}`,
    };
  }
  // Room for a state that changes before it is mined; a base fee may double within six blocks.
  const gasLimit = (gas * 13n) / 10n;
  const wanted = { maxFeePerGas: maxFeePerGas * 2n, maxPriorityFeePerGas };
  const fees = boundFees(wanted, { gas: gasLimit, gasPrice, spending });
  if (fees === undefined)
    return { kind: "refused", ...feesTooHigh("the network asks more than is spent on a settlement") };
  return wallet.transact(async (transaction) => {
    const lane = await lockLane(transaction, {
      network: network.id,
      wallet: account.address,
      from: () => client.getTransactionCount({ address: account.address, blockTag: "latest" }),
    });
    // The lowest free one: a nonce that was given back is filled before the lane goes on, so no gap stays.
    let nonce = lane.from;
    while (lane.taken.has(nonce)) nonce += 1;
    const call = { type: "eip1559", chainId, nonce, to, data, value: 0n, gas: gasLimit } as const;
    const raw = await account.signTransaction({ ...call, ...fees });
    const signed = { transaction: keccak256(raw), raw, wallet: account.address, nonce };
    const isOurs = await input.record(transaction, signed);
    return isOurs ? { kind: "signed", ...signed } : { kind: "lost" };
  });
}

const KNOWN = /already known|known transaction|already imported|already exists/i;
const NONCE_TAKEN = /nonce too low|nonce has already been used|replacement transaction underpriced/i;
const NO_FUNDS = /insufficient funds|insufficient balance/i;

async function send(client: PublicClient, raw: string): Promise<Sending> {
  try {
    await client.sendRawTransaction({ serializedTransaction: `0x${raw.slice(2)}` });
    return "sent";
  } catch (error) {
    const message = error instanceof Error ? error.message : "";
    if (KNOWN.test(message)) return "sent";
    if (NONCE_TAKEN.test(message)) return "nonce_taken";
    return NO_FUNDS.test(message) ? "out_of_funds" : "unclear";
  }
}

import { createKeyPairSignerFromBytes } from "@solana/kit";
import { Keypair } from "@solana/web3.js";
import { ExactEvmScheme } from "@x402/evm/exact/client";
import { wrapFetchWithPaymentFromConfig } from "@x402/fetch";
import { ExactSvmScheme } from "@x402/svm/exact/client";
import { Wallet } from "ethers";
import { createPublicClient, http, parseAbi } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { z } from "zod";
import { pollUntil } from "../../sandbox/demo/http.ts";
import { newSolanaWallet, openSolanaWallet } from "../../sandbox/demo/solana-wallet.ts";
import { askSurfnet, LOCAL_USDC_MINT, setTokens } from "../../sandbox/parts/surfnet.ts";
import { encodeBase58 } from "../../src/integrations/chains/solana/base58.ts";
import { tokenAccountOf } from "../../src/integrations/chains/solana/token-accounts.ts";
import type { TestWorld } from "../support/world.ts";

/** What a merchant is paid at, and what it is told, in the world of one journey. */
export type Cafe = Awaited<ReturnType<typeof openCafe>>;

/** Somebody with a wallet: `pay` is `fetch` of an unmodified client, and `headers` what its last payment was sent with. */
export type Guest = {
  readonly address: string;
  readonly pay: typeof fetch;
  readonly headers: () => Readonly<Record<string, string>>;
};

/** A call of the API and its answer, whatever its status. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
};

const Anything = z.record(z.string(), z.unknown());
const Registered = z.object({
  data: z.object({ merchantId: z.string(), apiKey: z.string(), webhookSecret: z.string().default("") }),
});
const Created = z.object({ data: z.object({ assetId: z.string() }) });
const Told = z.object({ type: z.string(), data: z.looseObject({}) });
const Messages = z.object({
  messages: z.array(
    z.object({ path: z.string(), headers: z.record(z.string(), z.string()), body: z.string(), status: z.number() }),
  ),
});
const Amount = z.object({ value: z.object({ amount: z.string() }) });
const BALANCE = parseAbi(["function balanceOf(address) view returns (uint256)"]);
const GUEST_UNITS = 1_000_000_000n;

/** What an unmodified client got for its money. */
export const Granted = z.looseObject({
  status: z.literal("granted"),
  sessionId: z.string(),
  sessionToken: z.string(),
  expiresAt: z.string(),
  websocketUrl: z.string(),
  transaction: z.string(),
  receipt: z.string(),
  statusUrl: z.string(),
  paymentId: z.string(),
});

/** Registers a merchant that is paid on both chains and told at the world's inbox; its wallets are new. */
export async function openCafe(world: Pick<TestWorld, "description">) {
  const { description } = world;
  const wallets = { solana: newSolanaWallet(), evm: Wallet.createRandom().address };
  // A merchant has to have a token account before it can be paid on Solana.
  await setTokens(solanaOf(world).rpc, { owner: wallets.solana, units: 0n });
  const { solana, evm } = wallets;
  const path = `/webhooks/${evm}`;
  const webhookUrl = `${description.webhookInbox}${path}`;
  const json = { name: "Gaming Cafe", walletAddress: solana, wallets: { local: evm }, webhookUrl };
  // Its wallets are looked up on chains that have only just started.
  const register = () => callJson(`${description.api}/api/v1/auth/register`, { json });
  const registered = await until("the registration", register, ({ status }) => status !== 503);
  if (registered.status !== 201) throw new Error(`registering answered ${JSON.stringify(registered.body)}`);
  const { merchantId, apiKey: key, webhookSecret } = Registered.parse(registered.body).data;
  const call = (path: string, json?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    callJson(`${description.api}${path}`, { ...(json === undefined ? {} : { json }), headers });
  const addAsset = async (terms: object = {}) => {
    const json = { name: "RTX 4090 Gaming Rig #1", pricePerUnit: "0.10", unit: "minute", type: "gpu", ...terms };
    const create = () => call("/api/v1/assets", json, { "x-api-key": key });
    const created = await until("the asset", create, ({ status }) => status !== 503);
    return Created.parse(created.body).data.assetId;
  };
  // The facilitator starts beside the API, which asks it every few seconds what it can do.
  const trial = `/api/v1/access/${await addAsset()}`;
  await until(
    "the first offer",
    () => call(trial, {}),
    ({ status }) => status === 402,
  );
  return {
    ...{ merchantId, key, webhookSecret, wallets, call, addAsset },
    /** What the merchant's wallets hold, in base units of USDC. */
    received: async () => ({
      solana: await solanaUnits(world, solana),
      evm: await evmUnits(world, evm),
    }),
    /** What its server took, each event once however often it was delivered, oldest first. */
    told: async () => {
      const { messages } = Messages.parse(await (await fetch(`${description.webhookInbox}/messages`)).json());
      const ours = messages.filter((message) => message.status === 200 && message.path === path);
      const events = new Map(ours.map(({ headers, body }) => [headers["webhook-id"], Told.parse(JSON.parse(body))]));
      return [...events.values()];
    },
  };
}

/** One call; POST when it brings JSON. */
async function callJson(
  url: string,
  input: { readonly json?: unknown; readonly headers?: Readonly<Record<string, string>> },
): Promise<Answer> {
  const body = input.json === undefined ? {} : { method: "POST", body: JSON.stringify(input.json) };
  const response = await fetch(url, { ...body, headers: { "content-type": "application/json", ...input.headers } });
  return readAnswer(response);
}

/** An answer with its JSON read. */
export async function readAnswer(response: Response): Promise<Answer> {
  return { status: response.status, headers: response.headers, body: Anything.parse(await response.json()) };
}

/** A guest with USDC on Solana and no SOL; `send` is what its client sends with. */
export async function solanaGuest(world: Pick<TestWorld, "description">, send: typeof fetch = fetch): Promise<Guest> {
  const { rpc } = solanaOf(world);
  const keypair = Keypair.generate();
  const signer = await createKeyPairSignerFromBytes(keypair.secretKey);
  await setTokens(rpc, { owner: signer.address, units: GUEST_UNITS });
  const client = new ExactSvmScheme(signer, { rpcUrl: rpc });
  const sent = recorder(send);
  const pay = wrapFetchWithPaymentFromConfig(sent.fetch, { schemes: [{ network: "solana:*", client }] });
  return { address: signer.address, pay, headers: sent.headers };
}

/** A guest with USDC on the EVM chain and no native coin. */
export async function evmGuest(world: Pick<TestWorld, "parts">, send: typeof fetch = fetch): Promise<Guest> {
  const account = privateKeyToAccount(generatePrivateKey());
  await world.parts.evm.mint("USDC", account.address, GUEST_UNITS);
  const sent = recorder(send);
  const pay = wrapFetchWithPaymentFromConfig(sent.fetch, {
    schemes: [{ network: "eip155:*", client: new ExactEvmScheme(account) }],
    // Clients pay with the tokens they know, and a test token is none of those.
    spendControls: { allowedAssets: true },
  });
  return { address: account.address, pay, headers: sent.headers };
}

/** A wallet that pays by itself, with plenty of USDC and SOL. */
export async function solanaPayer(world: Pick<TestWorld, "description">) {
  const { rpc, faucetKey } = solanaOf(world);
  const keypair = Keypair.generate();
  const wallet = openSolanaWallet(rpc, encodeBase58(keypair.secretKey));
  await openSolanaWallet(rpc, faucetKey).send({ to: wallet.address, lamports: 10n ** 9n });
  await setTokens(rpc, { owner: wallet.address, units: GUEST_UNITS });
  return { ...wallet, keypair };
}

/** Sends a payment that was signed before once more, word for word. */
export async function sendAgain(guest: Guest, url: string, units = 1): Promise<Answer> {
  return readAnswer(await fetch(url, { method: "POST", headers: guest.headers(), body: JSON.stringify({ units }) }));
}

/** Buys as any client does. Throws when it is not granted. */
export async function buy(guest: Guest, url: string, units = 1): Promise<z.infer<typeof Granted>> {
  const answer = await readAnswer(await guest.pay(url, wanting(units)));
  if (answer.status !== 200) throw new Error(`${url} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return Granted.parse(answer.body);
}

/** A request for so many units. */
export function wanting(units: number) {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ units }) };
}

/** What an address holds on Solana, in base units of USDC. */
export async function solanaUnits(world: Pick<TestWorld, "description">, owner: string): Promise<bigint> {
  const account = tokenAccountOf({ owner, mint: LOCAL_USDC_MINT });
  const params = [account, { commitment: "confirmed" }];
  const answer = await askSurfnet(solanaOf(world).rpc, "getTokenAccountBalance", params);
  return BigInt(Amount.parse(answer).value.amount);
}

/** The same on the EVM chain. */
export async function evmUnits({ description }: Pick<TestWorld, "description">, owner: string): Promise<bigint> {
  const hex = z.templateLiteral(["0x", z.string()]);
  const client = createPublicClient({ transport: http(description.evm.rpc) });
  const contract = { address: hex.parse(description.evm.usdc), abi: BALANCE, functionName: "balanceOf" } as const;
  return client.readContract({ ...contract, args: [hex.parse(owner)] });
}

/** Waits for something to be true that is asked again and again. */
export function until<T>(what: string, ask: () => Promise<T>, done: (answer: T) => boolean, seconds = 60): Promise<T> {
  return pollUntil({ what, seconds }, ask, done);
}

function solanaOf({ description }: Pick<TestWorld, "description">) {
  if (description.solana === undefined) throw new Error("the world has no Solana chain");
  return description.solana;
}

/** Passes requests on, and remembers the headers of the last one that paid. */
function recorder(send: typeof fetch): { readonly fetch: typeof fetch; readonly headers: Guest["headers"] } {
  let last: Readonly<Record<string, string>> = {};
  return {
    fetch: (input, init) => {
      const request = new Request(input, init);
      if (request.headers.has("payment-signature")) last = Object.fromEntries(request.headers);
      return send(request);
    },
    headers: () => last,
  };
}

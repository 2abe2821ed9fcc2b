import { Wallet } from "ethers";
import { z } from "zod";
import type { SandboxDescription } from "../sandbox-file.ts";
import { openShop, type Shop } from "./access-merchant.ts";
import { openEvmPayer, openSolanaPayer, type Payer } from "./access-payer.ts";
import { UnexpectedAnswer } from "./http.ts";
import { openSessionSocket } from "./session-socket.ts";
import { newSolanaWallet, openSolanaWallet } from "./solana-wallet.ts";

const PRICE = "0.05";
const SESSION_SECONDS = 8;

const Granted = z.looseObject({
  status: z.literal("granted"),
  sessionId: z.string(),
  sessionToken: z.string(),
  expiresAt: z.string(),
  websocketUrl: z.string(),
});

/** Plays a paid session on the EVM chain, which stands in for Base. Throws on the first step that does not happen. */
export async function playEvmSession(world: SandboxDescription, say: (line: string) => void): Promise<void> {
  const wallet = Wallet.createRandom().address;
  const shop = await open(world, { network: world.evm.chain, wallet }, say);
  await rent({ world, shop, payer: openEvmPayer(world), say });
}

/** Plays a paid session on Solana. Says why not where no Solana chain runs. Throws on the first step that does not happen. */
export async function playSolanaSession(world: SandboxDescription, say: (line: string) => void): Promise<void> {
  const { solana } = world;
  if (solana === undefined) return say("left out: no Solana chain runs here");
  const wallet = newSolanaWallet();
  // A merchant needs a token account before it can be paid; the first transfer to it makes one.
  await openSolanaWallet(solana.rpc, solana.faucetKey).pay({ to: wallet, units: 1n });
  const shop = await open(world, { network: solana.chain, wallet }, say);
  await rent({ world, shop, payer: await openSolanaPayer(solana), say });
}

async function open(
  world: SandboxDescription,
  where: { readonly network: string; readonly wallet: string },
  say: (line: string) => void,
): Promise<Shop> {
  const shop = await openShop(world, { ...where, price: PRICE, sessionSeconds: SESSION_SECONDS });
  say(`merchant ${shop.merchantId} is paid at ${where.wallet}`);
  say(`asset ${shop.assetId}: ${PRICE} USD for a session of ${SESSION_SECONDS} s`);
  return shop;
}

type Renting = {
  readonly world: SandboxDescription;
  readonly shop: Shop;
  readonly payer: Payer;
  readonly say: (line: string) => void;
};

async function rent({ world, shop, payer, say }: Renting): Promise<void> {
  const url = `${world.api}/api/v1/access/${shop.assetId}`;
  const unpaid = await fetch(url, { method: "POST" });
  if (unpaid.status !== 402) throw new Error(`POST without payment answered ${unpaid.status}, not 402`);
  say(`without payment: 402, x-cost ${unpaid.headers.get("x-cost")}, x-network ${unpaid.headers.get("x-network")}`);
  const session = await buy(payer, url);
  say(`${payer.address} signed, we settled: granted until ${session.expiresAt}; the asset is ${await shop.status()}`);
  const workflow = encodeURIComponent(`access-session/${session.sessionId}`);
  say(`follow it: ${world.temporal.ui}/namespaces/${world.temporal.namespace}/workflows/${workflow}`);
  const socket = await openSessionSocket(session.websocketUrl);
  try {
    await socket.next("snapshot", 10);
    const more = await buy(payer, `${world.api}/api/v1/access/sessions/${session.sessionToken}/extend`);
    await socket.next("extended", 20);
    say(`paid again while it ran: extended until ${more.expiresAt}, told over the WebSocket`);
    await socket.next("expired", 60);
    say("expired, told over the WebSocket");
  } finally {
    socket.close();
  }
  await shop.awaitAvailable(30);
  const { payments, gross, fee, net } = await shop.earnings();
  say(`available again; the merchant earned ${net} USD: ${payments} payments, ${gross} less ${fee} of fees`);
  say(`the merchant's server was told: ${(await shop.awaitTold(60)).join(", ")}`);
}

async function buy(payer: Payer, url: string): Promise<z.infer<typeof Granted>> {
  const response = await payer.pay(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ units: 1 }),
  });
  const text = await response.text();
  if (!response.ok) throw new UnexpectedAnswer("POST with payment", response.status, text);
  return Granted.parse(JSON.parse(text));
}

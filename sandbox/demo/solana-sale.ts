import { z } from "zod";
import { tokenAccountOf } from "../../src/integrations/chains/solana/token-accounts.ts";
import { askSurfnet } from "../parts/surfnet.ts";
import type { SandboxDescription } from "../sandbox-file.ts";
import type { Bought } from "./buyer.ts";
import { openBuyer, openMeter } from "./buyer.ts";
import { pollUntil } from "./http.ts";
import { S3_OFFER } from "./s3-sale.ts";
import { openSolanaWallet } from "./solana-wallet.ts";

const FIVE_USDC = 5_000_000n;

const Balance = z.object({ value: z.object({ amount: z.string() }) });

/**
 * Plays a sale that is paid with USDC on Solana: the deposit is seen and swept, the vendor paying the fee, and the purchase is used up at
 * once and ended. Says why not where no Solana chain runs. Throws on the first step that does not happen.
 */
export async function playSolanaSale(
  world: SandboxDescription,
  say: (line: string) => void,
): Promise<Bought | undefined> {
  const { solana } = world;
  if (solana === undefined) {
    say("left out: no Solana chain runs here");
    return undefined;
  }
  const buyer = openBuyer(world);
  try {
    const session = await buyer.initiate(S3_OFFER, solana.chain);
    const { receiving_address: address } = session.crypto_checkout;
    say(`checkout opened; deposit address ${address} on Solana`);
    const wallet = openSolanaWallet(solana.rpc, solana.faucetKey);
    say(`5 USDC sent in ${await wallet.pay({ to: address, units: FIVE_USDC })}`);
    const paid = await buyer.awaitPaid(session, 60);
    say(`deposit confirmed: ${paid.confirmed} USD`);
    const bought = await buyer.finalize(session);
    const { purchase } = await buyer.awaitStatus(bought, ["active"], 60);
    say(`purchase ${purchase.id} is ${purchase.status}, balance ${purchase.balance} USD`);
    await awaitEmpty(solana, address);
    say("swept: the deposit address is empty, and no SOL was ever on it");
    const { balance } = await openMeter(world, bought.purchaseId).charge("4.96");
    say(`metered 4.96 USD; balance ${balance} USD`);
    await buyer.awaitStatus(bought, ["terminated"], 180);
    say("terminated: everything is deleted");
    return bought;
  } finally {
    buyer.close();
  }
}

/** Waits until a deposit address holds no tokens any more. */
async function awaitEmpty(solana: NonNullable<SandboxDescription["solana"]>, address: string): Promise<void> {
  const account = tokenAccountOf({ owner: address, mint: solana.usdcMint });
  await pollUntil(
    { what: "the sweep of the Solana deposit", seconds: 120 },
    async () => Balance.parse(await askSurfnet(solana.rpc, "getTokenAccountBalance", [account])).value.amount,
    (units) => units === "0",
  );
}

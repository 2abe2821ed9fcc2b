import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { openBuyer, openMeter } from "../../sandbox/demo/buyer.ts";
import { callApi, pollUntil } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { openSolanaWallet } from "../../sandbox/demo/solana-wallet.ts";
import { askSurfnet } from "../../sandbox/parts/surfnet.ts";
import { tokenAccountOf } from "../../src/integrations/chains/solana/token-accounts.ts";
import { s3Missing } from "../support/s3.ts";
import { solanaMissing } from "../support/solana.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";

const Units = z.object({ value: z.object({ amount: z.string() }) });
const Lamports = z.object({ value: z.number() });

const missing = solanaMissing ?? s3Missing ?? temporalMissing;

describe.skipIf(missing)("a sale paid with USDC on Solana", { timeout: 240_000 }, () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await startTestWorld({ GRACE_SECONDS: "3", NODE_ENV: "test" });
  }, 180_000);
  afterAll(() => world?.stop());

  it("is paid, delivered, swept with the vendor as fee payer, booked, used up and ended, over worker kills", async () => {
    const { solana } = world.description;
    if (solana === undefined) throw new Error("the world has no Solana chain");
    const buyer = openBuyer(world.description);
    const session = await pollUntil(
      { what: "a free deposit address", seconds: 60 },
      () => buyer.initiate(S3_OFFER, solana.chain).catch(() => undefined),
      (made) => made !== undefined,
    );
    if (session === undefined) throw new Error("no checkout");
    const { receiving_address: owner, token_address: mint } = session.crypto_checkout;
    expect(mint).toBe(solana.usdcMint);
    const customer = openSolanaWallet(solana.rpc, solana.faucetKey);
    const signature = await customer.pay({ to: owner, units: 5_000_000n });
    await world.worker.kill();
    await world.worker.start();
    const paid = await buyer.awaitPaid(session, 90);
    expect(paid.confirmed).toBe("5");
    const bought = await buyer.finalize(session);
    await world.worker.kill();
    await world.worker.start();
    await buyer.awaitStatus(bought, ["active"], 90);
    const swept = await pollUntil(
      { what: "the sweep in the books", seconds: 120 },
      async () =>
        world.query<{ fee: string | null; status: string; account: string }>(
          `SELECT o.fee_units AS fee, s.status, d.account FROM deposits d JOIN sweeps s ON s.id = d.sweep_id
           LEFT JOIN outgoing_transactions o ON o.sweep_id = s.id AND o.status = 'mined' WHERE d.transaction_hash = $1`,
          [signature],
        ),
      ([row]) => row?.status === "swept",
    );
    expect(swept).toMatchObject([{ status: "swept", fee: "10000", account: `purchase/${bought.purchaseId}` }]);
    const account = tokenAccountOf({ owner, mint });
    const left = Units.parse(await askSurfnet(solana.rpc, "getTokenAccountBalance", [account]));
    expect(left.value.amount).toBe("0");
    expect(Lamports.parse(await askSurfnet(solana.rpc, "getBalance", [owner])).value).toBe(0);
    const [gas] = await world.query<{ amount: string }>(
      `SELECT l.amount::text AS amount FROM journal_lines l JOIN journal_entries e ON e.id = l.journal_entry_id
       WHERE e.entry_type = 'network_fee_paid' ORDER BY e.id DESC LIMIT 1`,
    );
    // 10,000 lamports at 150 dollars per SOL, in nanodollars.
    expect(gas?.amount).toBe("1500000");
    await openMeter(world.description, bought.purchaseId).charge("4.96");
    await buyer.awaitStatus(bought, ["terminated"], 120);
    buyer.close();
  });

  it("refuses a chain it does not sell on", async () => {
    const body = { offer_id: S3_OFFER, chain: "solana-devnet", token: "USDC" };
    const call = { method: "POST", path: "/checkout/initiate", body } as const;
    await expect(callApi(world.description.api, call, z.unknown())).rejects.toThrow("payment_method_not_accepted");
  });
});

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { Client, Connection } from "@temporalio/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { solanaMissing } from "../support/solana.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";
import { buy, type Cafe, evmGuest, evmUnits, openCafe, solanaGuest, solanaUnits, until } from "./access-cafe.ts";

const missing = evmMissing ?? solanaMissing ?? s3Missing ?? temporalMissing;
const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));

const EVM = "eip155:31337";
const SOLANA = "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1";
/** What our registry calls it, and so the books: clients know it as devnet. */
const LOCAL_SOLANA = "solana:local";
/** Ten units for five cents, and what is left of them after two per cent. */
const [GROSS, NET] = [500_000n, 490_000n];
/** Nanodollars in a base unit. */
const SCALE = 1_000n;

const Offers = z.object({ accepts: z.array(z.looseObject({ network: z.string(), payTo: z.string() })) });
const Started = z.object({ started: z.array(z.string()) });
const Reports = z.array(z.looseObject({ token: z.string(), status: z.string() }));

type Money = { readonly kind: string; readonly debit: string; readonly credit: string; readonly amount: string };

describe.skipIf(missing !== undefined)(
  `custodial sales${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  { timeout: 400_000 },
  () => {
    let world: TestWorld;
    let cafe: Cafe;
    beforeAll(async () => {
      world = await startTestWorld({ RATE_LIMITS: "off", PAYOUT_MINIMUM_USD: "0.1" });
      cafe = await openCafe(world);
    }, 600_000);
    afterAll(() => world?.stop());

    const at = (assetId: string) => `${world.description.api}/api/v1/access/${assetId}`;
    const asOperator = async (method: string, path: string, json: object) => {
      const headers = { "content-type": "application/json", authorization: `Bearer ${world.description.keys.admin}` };
      const response = await fetch(`${world.description.api}${path}`, { method, headers, body: JSON.stringify(json) });
      if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
      const answer: unknown = await response.json();
      return answer;
    };
    /** Where an unpaid client is told to pay, per network. */
    const payees = async (assetId: string) => {
      const answer = await cafe.call(`/api/v1/access/${assetId}`, {});
      const header = Buffer.from(answer.headers.get("payment-required") ?? "", "base64").toString("utf8");
      return new Map(Offers.parse(JSON.parse(header)).accepts.map(({ network, payTo }) => [network, payTo]));
    };
    const booked = (key: string) =>
      world.query<Money>(
        `SELECT k.name AS kind, d.name AS debit, c.name AS credit, j.amount::text FROM entry_details e JOIN journal j USING (entry_id)
       LEFT JOIN journal first ON first.entry_id = j.entry_id AND first.leg = 0 LEFT JOIN entry_kinds k ON k.id = first.kind
       JOIN ledger_accounts d ON d.id = j.debit_account JOIN ledger_accounts c ON c.id = j.credit_account
       WHERE e.idempotency_key = $1 ORDER BY j.amount DESC`,
        [key],
      );
    const left = async (account: string) => {
      const [row] = await world.query<{ balance: string }>(
        "SELECT b.balance::text FROM account_balances b JOIN accounts a ON a.id = b.account_id WHERE a.name = $1",
        [account],
      );
      return BigInt(row?.balance ?? 0);
    };

    it("a merchant is switched by the operator, and from then on its payers pay our wallet, on both chains", async () => {
      const assetId = await cafe.addAsset({ pricePerUnit: "0.05" });
      expect(await payees(assetId)).toEqual(
        new Map([
          [EVM, cafe.wallets.evm],
          [SOLANA, cafe.wallets.solana],
        ]),
      );
      const terms = { settlementMode: "custodial", actor: "ops", note: "wants to be paid out" };
      await asOperator("PATCH", `/admin/merchants/${cafe.merchantId}`, terms);
      const ours = await payees(assetId);
      expect([...ours.values()]).not.toContain(cafe.wallets.evm);
      expect([...ours.values()]).not.toContain(cafe.wallets.solana);
      for (const [guest, caip2, network, units] of [
        [await evmGuest(world), EVM, EVM, evmUnits],
        [await solanaGuest(world), SOLANA, LOCAL_SOLANA, solanaUnits],
      ] as const) {
        const wallet = ours.get(caip2) ?? "";
        const before = await units(world, wallet);
        const granted = await buy(guest, at(await cafe.addAsset({ pricePerUnit: "0.05" })), 10);
        expect(await units(world, wallet)).toBe(before + GROSS);
        const postings = await booked(`access-payment:${granted.paymentId}`);
        expect(postings.map(({ debit, credit, amount }) => [debit, credit, BigInt(amount)])).toEqual([
          [`settlement-wallet/${network}/USDC`, `merchant/${cafe.merchantId}`, NET * SCALE],
          [`settlement-wallet/${network}/USDC`, "platform-fee/access", (GROSS - NET) * SCALE],
        ]);
      }
      expect(await cafe.received()).toEqual({ solana: 0n, evm: 0n });
    });

    it("it is paid out its net exactly and once on each chain, over a worker killed in the middle, and the cost is booked", async () => {
      const order = { requestId: "run-1", merchantId: cafe.merchantId, skipWalletRest: true };
      const { started } = Started.parse(await asOperator("POST", "/admin/payouts/run", order));
      expect(started).toHaveLength(2);
      expect(Started.parse(await asOperator("POST", "/admin/payouts/run", order)).started).toEqual(started);
      const sent = () =>
        world.query<{ status: string; hash: string; fee: string }>(
          "SELECT status, hash, fee_units AS fee FROM outgoing_transactions WHERE key LIKE 'payout:%' ORDER BY chain",
        );
      await until("a payout to be signed", sent, (rows) => rows.length > 0);
      await world.worker.kill();
      await world.worker.start();
      const payouts = () =>
        world.query<{ id: string; status: string; network: string; transaction: string; attempts: number }>(
          "SELECT id, status, network, transaction_hash AS transaction, attempts FROM access_payouts ORDER BY network",
        );
      const paid = await until("both payouts", payouts, (rows) => rows.every(({ status }) => status === "paid"), 180);
      expect(await cafe.received()).toEqual({ solana: NET, evm: NET });
      const transactions = await sent();
      // One that ran out of time while no worker lived was proven dead before another was signed.
      expect(transactions.map(({ status }) => status).filter((status) => status !== "expired")).toEqual([
        "mined",
        "mined",
      ]);
      expect(transactions.filter(({ status }) => status === "mined").map(({ hash }) => hash)).toEqual(
        paid.map(({ transaction }) => transaction),
      );
      for (const { id, network, transaction } of paid) {
        expect((await booked(`payout:${id}`)).map(({ kind, amount }) => [kind, BigInt(amount)])).toEqual([
          ["merchant_paid_out", NET * SCALE],
        ]);
        const fees = await booked(`network-fee:${network}:${transaction}`);
        expect(fees.map(({ kind }) => kind)).toEqual(["network_fee_paid"]);
        expect(await left(`payout-in-transit/${network}/USDC`)).toBe(0n);
        expect(await left(`settlement-wallet/${network}/USDC`)).toBe((GROSS - NET) * SCALE);
      }
      expect(await left(`merchant/${cafe.merchantId}`)).toBe(0n);
      const ofPayout = async () => (await cafe.told()).filter(({ type }) => type === "payout.sent");
      const told = await until("the merchant to be told", ofPayout, (events) => events.length >= 2);
      expect(told.map(({ data }) => [data.payoutId, data.amount]).sort()).toEqual(
        paid.map(({ id }) => [id, "0.49"]).sort(),
      );
      const again = Started.parse(await asOperator("POST", "/admin/payouts/run", { ...order, requestId: "run-2" }));
      expect(again.started).toEqual([]);
    });

    it("neither the comparison of chains with books nor the treasury's watcher stumbles over the settlement wallets", async () => {
      await compareChains();
      const environment = { ...process.env, DATABASE_URL: world.description.postgres };
      const words = (command: string) => ["--import", "tsx", "src/cli/ledger.ts", command, "--json"];
      const chains = await run(process.execPath, words("chains"), { cwd: root, env: environment });
      const reports = Reports.parse(JSON.parse(chains.stdout));
      expect(reports.map(({ status }) => status)).toEqual(reports.map(() => "sound"));
      expect(reports.length).toBeGreaterThan(1);
      const books = await run(process.execPath, words("verify"), { cwd: root, env: environment });
      expect(JSON.parse(books.stdout)).toMatchObject({ sound: true, drifts: [] });
      const ofOwner = "SELECT name FROM ledger_accounts WHERE name LIKE 'owner-funds/%' AND name LIKE '%USDC'";
      expect(await world.query(ofOwner)).toEqual([]);
    });

    async function compareChains(): Promise<void> {
      const { address, namespace } = world.description.temporal;
      const connection = await Connection.connect({ address });
      await new Client({ connection, namespace }).schedule.getHandle("reconcile-chains").trigger();
      await connection.close();
      const runs = () => world.query<{ chain: string }>("SELECT DISTINCT chain, token FROM chain_reconciliations");
      await until("the comparison of the chains", runs, (rows) => rows.length >= 2, 200);
    }
  },
);

import { Contract, Interface, JsonRpcProvider, Wallet } from "ethers";
import { z } from "zod";
import type { Bought, Session } from "../../sandbox/demo/buyer.ts";
import { openBuyer } from "../../sandbox/demo/buyer.ts";
import { callApi, pollUntil } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { openTemporalClient } from "../../src/platform/temporal/client.ts";
import { startTestWorld } from "../support/world.ts";

const Deposits = z.object({
  checkout_wallet: z.object({
    deposits: z.array(
      z.object({ status: z.string(), account_kind: z.string(), note: z.string(), waiting_for: z.string().nullable() }),
    ),
  }),
});
const Balance = z.object({ purchase: z.object({ balance: z.string(), status: z.string() }) });

const TRANSFER = new Interface(["function transfer(address to, uint256 value)"]);

/** A vendor's whole world, with what its customers, its operator and the weather may do to it. */
export type Month = Awaited<ReturnType<typeof openMonth>>;

/** Brings the world up: every part real, grace and gas levels short enough to be seen. Call `close` at the end. */
export async function openMonth(environment: NodeJS.ProcessEnv = {}) {
  const world = await startTestWorld(environment);
  const { evm, temporal } = world.description;
  const buyer = openBuyer(world.description);
  const provider = new JsonRpcProvider(evm.rpc, evm.chainId, { staticNetwork: true, cacheTimeout: -1 });
  const operator = await openTemporalClient({ logger: { warn: () => undefined } }, temporal);
  // The node signs for its own accounts and knows their nonces, also after a reorg took some of them back.
  const send = async (call: {
    readonly to: string;
    readonly data?: string;
    readonly value?: string;
  }): Promise<void> => {
    const from = new Wallet(evm.faucetKey).address;
    const hash = String(await provider.send("eth_sendTransaction", [{ from, gas: "0x30d40", ...call }]));
    await pollUntil(
      { what: "the customer's transaction", seconds: 90 },
      () => provider.getTransactionReceipt(hash),
      (found) => found !== null,
    );
  };
  const pay = (to: string, units: bigint, token: string = evm.usdc): Promise<void> =>
    send({ to: token, data: TRANSFER.encodeFunctionData("transfer", [to, units]) });
  const paid = async (units: bigint): Promise<Session> => {
    const session = await buyer.initiate(S3_OFFER);
    await pay(session.crypto_checkout.receiving_address, units);
    await buyer.awaitPaid(session, 60);
    return session;
  };
  return {
    world,
    buyer,
    provider,
    paid,
    /** A purchase paid with `units` base units of USDC that is active. */
    buy: async (units: bigint): Promise<Bought & { readonly address: string }> => {
      const session = await paid(units);
      const bought = await buyer.finalize(session);
      await buyer.awaitStatus(bought, ["active"], 120);
      return { ...bought, address: session.crypto_checkout.receiving_address };
    },
    depositsOf: async (bought: Bought) =>
      (
        await callApi(
          world.description.api,
          { method: "GET", path: `/purchase/${bought.purchaseId}`, key: bought.customerKey },
          Deposits,
        )
      ).checkout_wallet.deposits,
    balanceOf: async (bought: Bought) =>
      (
        await callApi(
          world.description.api,
          { method: "GET", path: `/purchase/${bought.purchaseId}`, key: bought.customerKey },
          Balance,
        )
      ).purchase.balance,
    /** Tokens, USDC unless told, from an account that has plenty. */
    pay,
    /** Native coin to an address, from the same account. */
    payNative: (to: string, wei: bigint) => send({ to, value: `0x${wei.toString(16)}` }),
    /** Lets a schedule run now. */
    trigger: (schedule: string) => operator.client.schedule.getHandle(schedule).trigger(),
    tokenBalance: async (owner: string, token: string = evm.usdc): Promise<bigint> =>
      BigInt(
        String(
          await new Contract(token, ["function balanceOf(address) view returns (uint256)"], provider).getFunction(
            "balanceOf",
          )(owner),
        ),
      ),
    close: async () => {
      buyer.close();
      provider.destroy();
      await operator.close();
      await world.stop();
    },
  };
}

/** Waits until no confirmed deposit is unswept and no refund is open. */
export async function awaitRest({ world }: Month, seconds: number): Promise<void> {
  await pollUntil(
    { what: "every sweep and refund", seconds },
    () =>
      world.query(
        `SELECT d.id, s.status, d.waiting_for FROM deposits d LEFT JOIN sweeps s ON s.id = d.sweep_id JOIN purchases p ON d.account = 'purchase/' || p.id
         WHERE d.status = 'confirmed' AND coalesce(s.status, 'open') <> 'swept' AND p.status <> 'provisioning'
           AND d.amount_units >= 100000`,
      ),
    (rows) => rows.length === 0,
  );
}

/** The latest comparison of each token with the chain, made after this was asked. */
export async function reconcile(
  month: Month,
): Promise<readonly { token: string; status: string; drift_units: string }[]> {
  const [{ last } = { last: "0" }] = await month.world.query<{ last: string }>(
    "SELECT coalesce(max(id), 0)::text AS last FROM chain_reconciliations",
  );
  await month.trigger("reconcile-chains");
  return pollUntil(
    { what: "the comparison with the chain", seconds: 120 },
    () =>
      month.world.query<{ token: string; status: string; drift_units: string }>(
        "SELECT token, status, drift_units::text FROM chain_reconciliations WHERE id > $1 AND status <> 'unsettled' ORDER BY id",
        [last],
      ),
    (rows) => new Set(rows.map(({ token }) => token)).size >= 2,
  );
}

/** A token in the books and on the chain, asked past our own code: nanodollars, 1,000 for each base unit. */
export async function bookedAndHeld(
  { world, tokenBalance }: Month,
  { token, symbol }: { readonly token: string; readonly symbol: string },
) {
  const [lines, addresses] = await Promise.all([
    world.query<{ booked: string }>(
      `SELECT coalesce(sum(b.balance), 0)::text AS booked FROM accounts a JOIN account_balances b ON b.account_id = a.id
       WHERE a.name IN ('deposit-wallet/eip155:31337/' || $1, 'sweep-in-transit/eip155:31337/' || $1, 'treasury/eip155:31337/' || $1)`,
      [symbol],
    ),
    world.query<{ address: string }>(
      "SELECT DISTINCT address FROM deposits WHERE chain LIKE 'eip155:%' UNION SELECT DISTINCT wallet FROM gas_tank_readings WHERE chain LIKE 'eip155:%'",
    ),
  ]);
  const held = await Promise.all(addresses.map(({ address }) => tokenBalance(address, token)));
  const booked = BigInt(lines[0]?.booked ?? "0");
  const found = held.reduce((sum, units) => sum + units, 0n) * 1_000n;
  return { booked, found, drift: booked - found };
}

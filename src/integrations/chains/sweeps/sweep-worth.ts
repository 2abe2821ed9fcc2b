import { tokenUnitsToNanodollars } from "../../../money/conversions.ts";
import { formatDollars, type Nanodollars } from "../../../money/nanodollars.ts";
import type { Chain, ChainToken, SweepMethod } from "../chain.ts";
import { gasCostOf } from "../outgoing/gas-cost.ts";

/** Gas a sweep takes, with room, where gas decides: an authorised transfer, or fuel and then a transfer. */
const GAS: Readonly<Partial<Record<SweepMethod, bigint>>> = {
  receive_with_authorization: 100_000n,
  gas_top_up: 110_000n,
};

/** What a sweep would move and cost, in nanodollars, and what it may cost in thousandths. */
export type SweepValue = { readonly amount: Nanodollars; readonly cost: Nanodollars; readonly permille: number };

/** Whether a sweep costs no more than its share of what it moves. Pure. */
export function isWorthSweeping({ amount, cost, permille }: SweepValue): boolean {
  return cost * 1_000n <= amount * BigInt(permille);
}

/**
 * Why the tokens at an address are left there for now: fewer than the token's minimum, or a sweep would cost too large a share of them at
 * today's gas. Undefined when they are worth it. They are credited all the same.
 */
export async function whyNotWorth(
  chain: Pick<Chain, "network" | "readGasPrice">,
  input: { readonly token: ChainToken; readonly units: bigint },
): Promise<string | undefined> {
  const { token, units } = input;
  const { minimumSweepUnits: minimum = 0n } = token;
  if (units < minimum) return `until there are ${minimum}, as a sweep of less is dust`;
  const { sweepCostPermille: permille } = chain.network;
  const gas = GAS[token.sweepMethod];
  if (permille === undefined || gas === undefined) return undefined;
  const cost = gasCostOf(chain, gas * (await chain.readGasPrice()));
  const amount = tokenUnitsToNanodollars(units, token.decimals, "down");
  if (isWorthSweeping({ amount, cost, permille })) return undefined;
  return `as a sweep would cost $${formatDollars(cost)}, more than ${permille / 10} % of it: until gas is cheaper or more has come`;
}

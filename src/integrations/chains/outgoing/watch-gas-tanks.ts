import { DomainError } from "../../../errors.ts";
import type { Database } from "../../../platform/database/pool.ts";
import { raiseAlert, resolveAlert } from "../../../platform/operator-alert-store.ts";
import type { Chain } from "../chain.ts";
import { wakeForGas } from "../sweeps/sweep-request-store.ts";
import { decideTankLevel, readGasTank, type TankLevels } from "./gas-tank.ts";
import { findGasTankReading, type GasTank, insertGasTankReading, type TankLevel } from "./gas-tank-store.ts";

/** What watching tanks needs: the chains with the wallet that pays for sweeps on each. */
export type GasTankNeeds = {
  readonly database: Database;
  readonly tanks: readonly { readonly chain: Chain; readonly vendorWallet: string }[];
  readonly levels: TankLevels;
};

/**
 * Reads every chain's tank, keeps the reading, and tells operators once per crossing of a level: the alert closes when the tank is
 * refilled, and the next crossing is told again. A refill wakes what waited for it. A chain whose node is away keeps its last reading and stops no other. Answers one
 * sentence per chain.
 */
export async function watchGasTanks(needs: GasTankNeeds): Promise<readonly string[]> {
  const said: string[] = [];
  for (const { chain, vendorWallet } of needs.tanks) said.push(await watchOne(needs, { chain, vendorWallet }));
  return said;
}

/** Whether a chain's tank is low (or empty), by its latest reading; false while there is none, as nothing is known then. */
export async function isGasTankLow(database: Database, input: { readonly chain: string }): Promise<boolean> {
  const reading = await findGasTankReading(database, input.chain);
  return reading !== undefined && reading.level !== "ok";
}

async function watchOne(needs: GasTankNeeds, tank: GasTankNeeds["tanks"][number]): Promise<string> {
  const { name, id } = tank.chain.network;
  try {
    const found = await readGasTank({ database: needs.database, chain: tank.chain }, tank);
    const before = await findGasTankReading(needs.database, id);
    const level = decideTankLevel(before?.level ?? "ok", found.sweepsLeft, needs.levels);
    await needs.database.transaction(async (transaction) => {
      await keep(transaction, { chain: tank.chain, found, level });
      if (before !== undefined && found.balanceUnits > before.balanceUnits) await wakeForGas(transaction, id);
    });
    return `${name}: ${describeTank(found)}, ${level}.`;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return `${name}: not read (${error.code}).`;
  }
}

/** Alerts are told by level, so a tank that goes from low to empty is told twice: first to plan, then to act. */
async function keep(
  transaction: Database,
  input: { readonly chain: Chain; readonly found: GasTank; readonly level: TankLevel },
): Promise<void> {
  const { chain, found, level } = input;
  const subject = `gas-tank/${chain.network.shortName}`;
  await insertGasTankReading(transaction, { ...found, level });
  const open = { gas_tank_low: level !== "ok", gas_tank_empty: level === "empty" };
  for (const [code, isOpen] of Object.entries(open)) {
    if (!isOpen) await resolveAlert(transaction, { subject, code });
    else await raiseAlert(transaction, { subject, code, text: advise(chain, found) });
  }
}

function advise(chain: Chain, found: GasTank): string {
  return `The gas tank of ${chain.network.name} has ${describeTank(found)}. Send ${found.nativeSymbol} to ${found.wallet}; what waits goes on by itself.`;
}

function describeTank(found: GasTank): string {
  return `${found.balanceUnits} base units of ${found.nativeSymbol} left, enough for ${found.sweepsLeft} sweeps`;
}

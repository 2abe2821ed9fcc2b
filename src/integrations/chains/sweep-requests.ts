import type { Database } from "../../platform/database/pool.ts";
import type { Chain } from "./chain.ts";
import { ChainNotSupported } from "./errors.ts";
import type { ChainRegistry } from "./registry.ts";
import { findChainOfDeposit } from "./sweep-request-store.ts";

/** The chain a deposit is on. Throws `ChainNotSupported` when this worker is not configured for it. */
export async function readChainOfDeposit(
  needs: { readonly database: Database; readonly chains: ChainRegistry },
  depositId: string,
): Promise<Chain> {
  const id = await findChainOfDeposit(needs.database, depositId);
  if (id === undefined) throw new ChainNotSupported(`of deposit ${depositId}`);
  return needs.chains.find(id);
}

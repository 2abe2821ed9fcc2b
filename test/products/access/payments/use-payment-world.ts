import { afterAll, afterEach, beforeAll } from "vitest";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import { startTestEvm } from "../../../support/evm.ts";
import { openEvmPayer } from "../../../support/signed-transfers.ts";
import { type Payer, type PaymentWorld, startPaymentWorld } from "./payment-world.ts";

/** A chain of the tests' own, the API on it, and somebody with plenty of USDC. */
export type UsedPaymentWorld = { readonly evm: EvmPart; readonly world: PaymentWorld; readonly payer: Payer };

/**
 * Gives the tests of one `describe` a world: `take` has it before the first of them, it is honest again after each, and it is gone after
 * the last. `settings` are variables of the API.
 */
export function usePaymentWorld(
  take: (used: UsedPaymentWorld) => void | Promise<void>,
  settings: Readonly<Record<string, string>> = {},
): void {
  let evm: EvmPart | undefined;
  let world: PaymentWorld | undefined;
  let payer: Payer | undefined;
  beforeAll(async () => {
    evm = await startTestEvm();
    world = await startPaymentWorld(evm, settings);
    payer = await openEvmPayer(evm);
    await take({ evm, world, payer });
  });
  afterEach(() => world?.reset());
  afterAll(async () => {
    payer?.close();
    await world?.close();
    await evm?.stop();
  });
}

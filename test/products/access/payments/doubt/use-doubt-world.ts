import { afterAll, beforeAll } from "vitest";
import type { EvmPart } from "../../../../../sandbox/parts/evm.ts";
import { startTestEvm } from "../../../../support/evm.ts";
import { openEvmPayer } from "../../../../support/signed-transfers.ts";
import type { Payer } from "../payment-world.ts";
import { type DoubtWorld, startDoubtWorld } from "./doubt-world.ts";

/** Gives the tests of one `describe` a chain of their own, an API whose payments are in doubt on it, and somebody with USDC there. */
export function useDoubtWorld(
  take: (used: { readonly evm: EvmPart; readonly world: DoubtWorld; readonly payer: Payer }) => void,
): void {
  let evm: EvmPart | undefined;
  let world: DoubtWorld | undefined;
  let payer: Payer | undefined;
  beforeAll(async () => {
    evm = await startTestEvm();
    payer = await openEvmPayer(evm);
    world = await startDoubtWorld({ evm });
    take({ evm, world, payer });
  });
  afterAll(async () => {
    await world?.close();
    payer?.close();
    await evm?.stop();
  });
}

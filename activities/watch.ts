import type { TankLevels } from "../src/integrations/chains/gas-tank.ts";
import type { ChainRegistry } from "../src/integrations/chains/registry.ts";
import type { Signer } from "../src/integrations/chains/signer.ts";
import { watchGasTanks } from "../src/integrations/chains/watch-gas-tanks.ts";
import type { AlertNeeds } from "../src/integrations/notifications/deliver-alert.ts";
import { deliverAlert } from "../src/integrations/notifications/deliver-alert.ts";

/** What the operators' watch needs. */
export type WatchActivityNeeds = AlertNeeds & {
  readonly chains: ChainRegistry;
  readonly signer: Pick<Signer, "vendorWallet" | "treasury">;
  readonly tankLevels: TankLevels;
};

/** What operators are told without asking. */
export function watchActivities(needs: WatchActivityNeeds) {
  const { database, chains, signer, tankLevels: levels } = needs;
  return {
    deliverAlert: (input: { readonly alertId: string }): Promise<string> => deliverAlert(needs, input),
    watchGasTanks: async (): Promise<string> => {
      const tanks = chains.chains.map((chain) => ({ chain, vendorWallet: signer.vendorWallet }));
      return (await watchGasTanks({ database, tanks, levels })).join(" ");
    },
  };
}

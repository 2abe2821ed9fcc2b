import { Gauge, type Registry } from "prom-client";
import type { OwnFacilitator } from "../../integrations/x402/own-facilitator/own-facilitator.ts";

/**
 * Adds the wallets that pay fees to the `/metrics` of our own facilitator, as it last looked at them, a few seconds ago; what was never
 * seen is absent.
 */
export function registerWalletMetrics({
  metrics,
  facilitator,
}: {
  readonly metrics: Registry;
  readonly facilitator: Pick<OwnFacilitator, "wallets">;
}): void {
  const common = { labelNames: ["network"], registers: [metrics] };
  new Gauge({
    ...common,
    name: "facilitator_wallet_native",
    help: "Native coin in the wallet that pays the fees of settlements, in whole coins.",
    collect() {
      for (const { network, nativeUnits, decimals } of facilitator.wallets())
        this.set({ network: network.shortName }, Number(nativeUnits) / 10 ** decimals);
    },
  });
  new Gauge({
    ...common,
    name: "facilitator_settlements_left",
    help: "Settlements that the wallet still pays for, at the fees of its last reading.",
    collect() {
      for (const { network, settlementsLeft } of facilitator.wallets())
        this.set({ network: network.shortName }, settlementsLeft);
    },
  });
  new Gauge({
    ...common,
    name: "facilitator_blocked",
    help: "1 where nothing can be settled now: no coin for fees, fees above what may be spent, or a transaction that waits for lower ones.",
    collect() {
      for (const { network, blocked } of facilitator.wallets())
        this.set({ network: network.shortName }, blocked === null ? 0 : 1);
    },
  });
}

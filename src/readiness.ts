import type { ApiContext } from "./context.ts";
import { readChainHealth } from "./integrations/chains/chain-health.ts";
import { isGasTankLow } from "./integrations/chains/outgoing/watch-gas-tanks.ts";
import type { OwnFacilitator } from "./integrations/x402/own-facilitator/own-facilitator.ts";
import type { Capability } from "./platform/http/routes/get-readiness.ts";
import { readWakeBacklog } from "./platform/temporal/wake-store.ts";

const OLDEST_WAKE_SECONDS = 60;

/**
 * What `/readyz` looks at. Only Postgres is essential: without workers or a chain the API still sells, meters and answers, and what
 * has to wait waits in the outbox.
 */
export function capabilities({
  database,
  chains,
  accessChains,
  x402Networks,
  facilitators,
}: Pick<ApiContext, "database" | "chains" | "accessChains" | "x402Networks" | "facilitators">): readonly Capability[] {
  return [
    { name: "postgres", essential: true, check: () => readWakeBacklog(database) },
    {
      name: "workflows",
      essential: false,
      check: async () => {
        const { oldestSeconds } = await readWakeBacklog(database);
        if (oldestSeconds > OLDEST_WAKE_SECONDS) throw new Error("wakes are not being taken");
      },
    },
    ...chains.chains.map((chain) => ({
      name: `chain_${chain.network.shortName}`,
      essential: false,
      check: async () => {
        if (!(await readChainHealth({ database, chain })).healthy) throw new Error("the chain is not being followed");
      },
    })),
    ...chains.chains.map(({ network }) => ({
      name: `gas_tank_${network.shortName}`,
      essential: false,
      check: async () => {
        if (await isGasTankLow(database, { chain: network.id })) throw new Error("the gas tank is low");
      },
    })),
    ...accessChains.chains.map(({ network }) => ({
      name: `access_${network.shortName}`,
      essential: false,
      check: async () => {
        if (!x402Networks.some(({ id }) => id === network.id)) throw new Error("the network is not what we know it as");
      },
    })),
    ...facilitators.all.map(({ name }) => ({
      name: `facilitator_${name}`,
      essential: false,
      check: async () => {
        const health = facilitators.health().find((one) => one.name === name);
        if (health?.isKnown !== true) throw new Error("the facilitator never said what it supports");
        if (health.isFailing) throw new Error("the facilitator does not answer");
      },
    })),
  ];
}

/** What `/readyz` of our own facilitator looks at. Its books are essential: nothing is sent that was not written down. */
export function facilitatorCapabilities({
  database,
  facilitator,
}: Pick<ApiContext, "database"> & { readonly facilitator: Pick<OwnFacilitator, "wallets"> }): readonly Capability[] {
  return [
    { name: "postgres", essential: true, check: () => readWakeBacklog(database) },
    {
      name: "wallets",
      essential: false,
      check: async () => {
        for (const { network, blocked } of facilitator.wallets())
          if (blocked !== null) throw new Error(`nothing can be settled on ${network.id}`);
      },
    },
  ];
}

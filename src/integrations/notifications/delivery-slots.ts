import { randomInt } from "node:crypto";
import { DestinationBusy } from "./errors.ts";

const SHORTEST_WAIT_SECONDS = 5;
const LONGEST_WAIT_SECONDS = 20;

/** How many calls may be under way: to one destination, and to all of them. */
export type SlotLimits = { readonly perDestination: number; readonly total: number };

/** Keeps a destination that hangs from taking the worker's hands away from everybody else's work. */
export type DeliverySlots = {
  /** Runs `work` now, or throws `destination_busy` when too many run already. */
  readonly run: <Result>(destination: string, work: () => Promise<Result>) => Promise<Result>;
};

/**
 * Opens the slots of one worker process. A worker runs a hundred activities at once, payments among them; a dead listener with a
 * thousand notices may hold eight of these, and all deliveries together a third.
 */
export function openDeliverySlots(limits: SlotLimits = { perDestination: 8, total: 32 }): DeliverySlots {
  const underWay = new Map<string, number>();
  let total = 0;
  const change = (destination: string, by: 1 | -1) => {
    const now = (underWay.get(destination) ?? 0) + by;
    total += by;
    if (now === 0) underWay.delete(destination);
    else underWay.set(destination, now);
  };
  return {
    run: async (destination, work) => {
      const isFull = total >= limits.total || (underWay.get(destination) ?? 0) >= limits.perDestination;
      if (isFull) throw new DestinationBusy(destination, randomInt(SHORTEST_WAIT_SECONDS, LONGEST_WAIT_SECONDS + 1));
      change(destination, 1);
      try {
        return await work();
      } finally {
        change(destination, -1);
      }
    },
  };
}

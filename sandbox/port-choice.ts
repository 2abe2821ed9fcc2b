import type { WantedPorts } from "./options.ts";
import type { Progress } from "./parts/part.ts";
import { nextFreePort } from "./parts/ports.ts";

/** Takes each wanted port, or the next free one when somebody listens there already, and says so. No two parts get the same. */
export async function choosePorts(wanted: WantedPorts, say: Progress): Promise<WantedPorts> {
  const chosen = { ...wanted };
  const taken = new Set<number>();
  for (const part of PARTS) {
    chosen[part] = await nextFreePort(wanted[part], taken);
    taken.add(chosen[part]);
    if (chosen[part] !== wanted[part]) say(`port ${wanted[part]} is taken: ${part} uses ${chosen[part]}`);
  }
  return chosen;
}

const PARTS = [
  "api",
  "temporal",
  "temporalUi",
  "postgres",
  "evm",
  "solana",
  "s3",
  "inbox",
  "officex",
  "mail",
  "mailWeb",
  "facilitator",
] as const;

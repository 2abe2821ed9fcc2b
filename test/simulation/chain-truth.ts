import { Interface } from "ethers";
import type { LifeWorld } from "./life-world.ts";

const TOKEN = new Interface(["event Transfer(address indexed from, address indexed to, uint256 value)"]);

/** A transfer as the chain itself tells it now, by none of our code. */
export type ChainTransfer = {
  readonly token: string;
  readonly from: string;
  readonly to: string;
  readonly units: bigint;
};

/** Every transfer on the canonical chain. */
export async function readTransfers(world: LifeWorld): Promise<readonly ChainTransfer[]> {
  const topic = TOKEN.getEvent("Transfer")?.topicHash ?? null;
  const logs = await world.provider.getLogs({ fromBlock: 0, toBlock: "latest", topics: [topic] });
  return logs.map((log) => {
    const parsed = TOKEN.parseLog(log);
    if (parsed === null) throw new Error("a transfer that is none");
    const [from, to, value] = parsed.args;
    return { token: log.address, from: String(from), to: String(to), units: BigInt(value) };
  });
}

/** The sum of those that fit. */
export function sumTransfers(transfers: readonly ChainTransfer[], fits: (one: ChainTransfer) => boolean): bigint {
  return transfers.filter(fits).reduce((sum, { units }) => sum + units, 0n);
}

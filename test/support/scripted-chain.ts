import { randomBytes } from "node:crypto";
import type { Chain, ChainNetwork, TokenTransfer } from "../../src/integrations/chains/chain.ts";
import { RpcUnavailable } from "../../src/integrations/chains/errors.ts";

type Transfer = TokenTransfer & { readonly logIndex: number };

/** A node kept in memory: what is paid is in the newest block, and with `isDown` it answers nothing. */
export type ScriptedChain = {
  readonly chain: Chain;
  isDown: boolean;
  /** Adds a block with one transfer of `units` base units of `token` (the first listed, unless told) to `to`; answers its hash. */
  pay(transfer: { readonly to: string; readonly units: bigint; readonly token?: string }): string;
  /** Adds empty blocks. */
  mine(blocks: number): void;
};

/** Stands in for a node of `network`, as far as seeing and confirming deposits goes; everything else throws. */
export function scriptChain(network: ChainNetwork): ScriptedChain {
  const transfers: Transfer[] = [];
  const state = { head: 1, isDown: false };
  const answer = async <Value>(read: () => Value): Promise<Value> => {
    if (state.isDown) throw new RpcUnavailable(network.id, "the node is away");
    return read();
  };
  return {
    get isDown() {
      return state.isDown;
    },
    set isDown(value) {
      state.isDown = value;
    },
    pay: ({ to, units, token = network.tokens[0]?.address ?? "" }) => {
      state.head += 1;
      const block = { number: state.head, hash: hashOf(state.head) };
      const transactionHash = `0x${randomBytes(32).toString("hex")}`;
      const from = "0x00000000000000000000000000000000000000AA";
      transfers.push({ token, from, to, amountUnits: units, transactionHash, position: 0, logIndex: 0, block });
      return transactionHash;
    },
    mine: (blocks) => {
      state.head += blocks;
    },
    chain: {
      ...UNSCRIPTED,
      network,
      readHead: () => answer(() => ({ number: state.head, hash: hashOf(state.head) })),
      readBlockHash: (number) => answer(() => (number > state.head ? undefined : hashOf(number))),
      readTransfers: (range) => answer(() => transfers.filter((transfer) => isWanted(transfer, range))),
      readReceipt: (hash) => answer(() => receiptOf(transfers.filter((transfer) => transfer.transactionHash === hash))),
      readTokenBalance: ({ token, owner }) =>
        answer(() => sumUnits(transfers.filter((transfer) => transfer.token === token && transfer.to === owner))),
    },
  };
}

function isWanted(transfer: Transfer, range: Parameters<Chain["readTransfers"]>[0]): boolean {
  const { number } = transfer.block;
  if (number < range.fromBlock || number > range.toBlock || !range.tokens.includes(transfer.token)) return false;
  return range.recipients === undefined || range.recipients.includes(transfer.to);
}

function receiptOf(transfers: readonly Transfer[]) {
  const [first] = transfers;
  if (first === undefined) return undefined;
  return { succeeded: true, block: first.block, gasUsed: 50_000n, feeUnits: 50_000n, transfers };
}

function sumUnits(transfers: readonly Transfer[]): bigint {
  return transfers.reduce((sum, { amountUnits }) => sum + amountUnits, 0n);
}

function hashOf(block: number): string {
  return `0x${block.toString(16).padStart(64, "0")}`;
}

async function unscripted(): Promise<never> {
  throw new Error("this chain only knows deposits");
}

const UNSCRIPTED = {
  isTransactionKnown: unscripted,
  readNativeBalance: unscripted,
  readNonce: unscripted,
  readGasPrice: unscripted,
  quoteFees: unscripted,
  findUsedAuthorization: unscripted,
  quoteAuthorizedTransfer: unscripted,
  quoteTokenTransfer: unscripted,
  quoteNativeTransfer: unscripted,
  broadcast: unscripted,
};

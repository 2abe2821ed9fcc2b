import { z } from "zod";
import { RpcUnavailable } from "../errors.ts";

const quantity = z
  .string()
  .regex(/^0x[0-9a-fA-F]+$/)
  .transform((text) => BigInt(text));
const blockNumber = quantity.transform((value) => Number(value));
const hash = z.string().regex(/^0x[0-9a-fA-F]{64}$/);

/** A quantity of the JSON-RPC: hex to bigint. */
export const Quantity = quantity;

/** Bytes of any length. */
export const Code = z.string().regex(/^0x[0-9a-fA-F]*$/);

/** The two members of a block we use. */
export const Block = z.object({ number: blockNumber, hash });

/** One event log inside a mined block. */
export const Log = z.object({
  address: z.string(),
  topics: z.array(z.string()),
  data: z.string(),
  blockNumber,
  blockHash: hash,
  transactionHash: hash,
  logIndex: blockNumber,
  removed: z.boolean().optional(),
});

/** A mined transaction's receipt. `l1Fee` is what OP-stack rollups add on top of gas. */
export const Receipt = z.object({
  status: quantity,
  blockNumber,
  blockHash: hash,
  gasUsed: quantity,
  effectiveGasPrice: quantity,
  l1Fee: quantity.nullish(),
  logs: z.array(Log),
});

/** Parses what a node returned. A shape the protocol does not allow is an unusable answer, never a guess. */
export function readShape<Shape extends z.ZodType>(chain: string, shape: Shape, value: unknown): z.output<Shape> {
  const parsed = shape.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RpcUnavailable(chain, `an answer had the wrong shape at "${issue?.path.join(".") ?? ""}"`);
}

import { Interface } from "ethers";

/** Several calls in one transaction, each of which may fail by itself. Source: Multicall3, the same address on every chain that has it. */
const multicall: Interface = new Interface([
  "function aggregate3((address target, bool allowFailure, bytes callData)[] calls) payable returns ((bool success, bytes returnData)[])",
]);

/** Where Multicall3 is on every public chain that has it. */
export const MULTICALL3_ADDRESS = "0xcA11bde05977b3631167028862bE2a173976CA11";

/** One call of a batch. */
export type InnerCall = { readonly target: string; readonly data: string };

/** Encodes calls of which any may fail without the others. */
export function encodeBatch(calls: readonly InnerCall[]): string {
  return multicall.encodeFunctionData("aggregate3", [calls.map(({ target, data }) => [target, true, data])]);
}

/** The calls inside a batch; undefined for bytes that are none. */
export function decodeBatch(data: string): readonly InnerCall[] | undefined {
  const call = multicall.parseTransaction({ data });
  if (call === null) return undefined;
  const [inner]: readonly unknown[] = call.args;
  if (!Array.isArray(inner)) return undefined;
  return inner.map((item: unknown) => readInner(item));
}

function readInner(item: unknown): InnerCall {
  const [target, , data]: readonly unknown[] = Array.isArray(item) ? item : [];
  if (typeof target !== "string" || typeof data !== "string") throw new Error("A batch was encoded in an unknown way.");
  return { target, data };
}

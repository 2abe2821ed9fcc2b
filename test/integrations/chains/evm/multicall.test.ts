import { expect, it } from "vitest";
import { decodeBatch, encodeBatch } from "../../../../src/integrations/chains/evm/multicall.ts";

it("a batch reads back as the calls it was made of, and other bytes as none", () => {
  const calls = [
    { target: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", data: "0x1234" },
    { target: "0x1111111111111111111111111111111111111111", data: "0x" },
  ];
  expect(decodeBatch(encodeBatch(calls))).toEqual(calls);
  expect(decodeBatch(encodeBatch([]))).toEqual([]);
  expect(decodeBatch("0xa9059cbb")).toBeUndefined();
});

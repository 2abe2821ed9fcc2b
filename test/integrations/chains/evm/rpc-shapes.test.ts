import { describe, expect, it } from "vitest";
import { Block, Quantity, Receipt, readShape } from "../../../../src/integrations/chains/evm/rpc-shapes.ts";
import { transferLog, word } from "./scripted-node.ts";

describe("the shapes a node answers in", () => {
  it("read quantities of any size without loss", () => {
    expect(readShape("eip155:1", Quantity, `0x${"f".repeat(64)}`)).toBe(2n ** 256n - 1n);
  });

  it.each([["0x"], ["12"], [12], [null], ["0xg"], [undefined]])("refuse %j as a quantity", (value) => {
    expect(() => readShape("eip155:1", Quantity, value)).toThrow(expect.objectContaining({ code: "rpc_unavailable" }));
  });

  it("name the failing place and repeat nothing the node said", () => {
    const secretive = { number: "0x1", hash: "0xsecret" };
    expect(() => readShape("eip155:1", Block, secretive)).toThrow(/wrong shape at "hash"/);
    expect(() => readShape("eip155:1", Block, secretive)).not.toThrow(/secret/);
  });

  it("take receipts with and without the data fee of a rollup", () => {
    const receipt = {
      status: "0x1",
      blockNumber: "0x5",
      blockHash: `0x${word(1n)}`,
      gasUsed: "0xa",
      effectiveGasPrice: "0x3",
      logs: [transferLog()],
    };
    expect(readShape("eip155:1", Receipt, receipt).l1Fee).toBeUndefined();
    expect(readShape("eip155:1", Receipt, { ...receipt, l1Fee: "0x7" }).l1Fee).toBe(7n);
  });
});

import { describe, expect, it } from "vitest";
import { netMovements } from "../../../src/integrations/chains/payments.ts";

const of = (owner: string, amountUnits: bigint, token = "USDC") => ({ token, owner, amountUnits });

describe("what a transaction moved", () => {
  it("is net by owner and token: what came and went again is nothing", () => {
    const movements = [of("a", -5n), of("b", 5n), of("b", -2n), of("c", 2n), of("d", 9n), of("d", -9n)];
    expect(netMovements([...movements, of("b", 7n, "USDT"), of("a", -7n, "USDT")])).toEqual({
      credits: [of("b", 3n), of("c", 2n), of("b", 7n, "USDT")],
      debits: [of("a", 5n), of("a", 7n, "USDT")],
    });
  });

  it("is nothing for no movements", () => {
    expect(netMovements([])).toEqual({ credits: [], debits: [] });
  });
});

import { expect, it } from "vitest";
import { flawOfText } from "../../../src/integrations/chains/receiver.ts";

it.each(["vitalik.eth", "shop.sol", "a.b.c.eth"])("C18: resolves no name, so %s is said to be one", (name) => {
  expect(flawOfText(name)).toMatchObject({ kind: "refused", flaw: "name" });
});

it("C18: refuses letters that only look like those of an address", () => {
  const withCyrillicA = "0x\u0430b5801a7d398351b8be11c439e05c5b3259aec9b";
  expect(
    [withCyrillicA, "７xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU", "0x 12"].map((text) => flawOfText(text)),
  ).toEqual([1, 2, 3].map(() => expect.objectContaining({ flaw: "malformed" })));
  expect(flawOfText("7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU")).toBeNull();
});

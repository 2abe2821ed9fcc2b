import { expect, it } from "vitest";
import { z } from "zod";
import { defineRepair } from "../../../../src/products/purchases/repairs/repair.ts";
import { unsold } from "./facts.ts";

const repair = defineRepair({
  action: "paint",
  fields: { colour: z.string() },
  refuse: (_facts, { colour }) => (colour === "red" ? new Error("not red") : null),
  apply: async (_work, { colour }) => ({ text: colour }),
});

it("takes its own members and nothing else, and decides on what was sent", () => {
  expect(repair.prepare({ colour: "blue" }).input).toEqual({ colour: "blue" });
  expect(repair.prepare({ colour: "red" }).refuse(unsold())?.message).toBe("not red");
  expect(() => repair.prepare({ colour: "blue", balance: 1 })).toThrow("balance");
});

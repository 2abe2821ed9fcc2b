import { expect, it } from "vitest";
import { isKeepableJson, isKeepableText } from "../../../src/platform/http/wire-text.ts";

it("keeps text of every script and refuses what no column would give back", () => {
  expect(["", "Café №5", "名前", "🦑", "\u202e"].map(isKeepableText)).toEqual([true, true, true, true, true]);
  expect(["\0", "a\ud800b", "\udc00"].map(isKeepableText)).toEqual([false, false, false]);
});

it("looks at every text of a JSON value, names of members too", () => {
  expect(isKeepableJson({ place: { seats: ["A1", 2, null] } })).toBe(true);
  expect([{ "\0": 1 }, { a: ["\ud800"] }, ["\0"], "\0"].map(isKeepableJson)).toEqual([false, false, false, false]);
});

import { expect, it } from "vitest";
import { purgeInBatches } from "../../../src/platform/database/purge-in-batches.ts";

it.each([
  [0, 1],
  [9, 1],
  [10, 2],
  [25, 3],
])("deletes all of %i rows, ten at a time, in %i calls", async (rows, calls) => {
  let left = rows;
  const asked: number[] = [];
  const purge = async (limit: number) => {
    asked.push(limit);
    const deleted = Math.min(limit, left);
    left -= deleted;
    return deleted;
  };
  expect([await purgeInBatches(10, purge), left]).toEqual([rows, 0]);
  expect(asked).toEqual(Array.from({ length: calls }, () => 10));
});

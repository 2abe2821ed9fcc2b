import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { moveCursor, readCursor } from "../../../../src/integrations/chains/deposits/cursor-store.ts";
import type { Database } from "../../../../src/platform/database/pool.ts";
import { newHash, openRows } from "../rows.ts";

describe("the cursor of a chain", () => {
  let rows: Awaited<ReturnType<typeof openRows>>;
  let database: Database;
  beforeAll(async () => {
    rows = await openRows();
    database = rows.database;
  });
  afterAll(() => rows.stop());

  const move = async (chain: string, to: number, from = -1) => {
    const found = await readCursor(database, chain);
    const cursor = from === -1 ? found : { scannedTo: from, scannedHash: "0xstale", head: from, scannedAt: new Date() };
    await moveCursor(database, { chain, from: cursor, scanned: { number: to, hash: newHash() }, head: to + 1 });
  };

  it("does not exist before the first pass", async () => {
    expect(await readCursor(database, "eip155:1")).toBeUndefined();
  });

  it("moves from where a pass found it, forwards and, after a reorg, backwards", async () => {
    await move("eip155:2", 10);
    await move("eip155:2", 20);
    expect(await readCursor(database, "eip155:2")).toMatchObject({ scannedTo: 20, head: 21 });
    await move("eip155:2", 18);
    expect(await readCursor(database, "eip155:2")).toMatchObject({ scannedTo: 18 });
  });

  it("is not moved by a pass that found it elsewhere", async () => {
    await move("eip155:3", 10);
    await move("eip155:3", 50, 9);
    expect(await readCursor(database, "eip155:3")).toMatchObject({ scannedTo: 10 });
    await moveCursor(database, {
      chain: "eip155:3",
      from: undefined,
      scanned: { number: 99, hash: newHash() },
      head: 99,
    });
    expect(await readCursor(database, "eip155:3")).toMatchObject({ scannedTo: 10 });
  });
});

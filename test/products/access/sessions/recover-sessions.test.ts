import { afterAll, expect, it } from "vitest";
import { recoverSessions } from "../../../../src/products/access/sessions/recover-sessions.ts";
import { PAYER, startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
afterAll(() => world.close());

const needs = { database: world.database, masterKey: Buffer.alloc(32, 7) };
const recover = async (address: string, kind: "evm" | "solana" = "evm", assetId: string | null = null) =>
  (await recoverSessions(needs, { wallet: { kind, address }, assetId })).map(({ token }) => token);

it("gives a wallet the tokens of its running sessions, in either spelling, and nobody else's", async () => {
  const sold = [await world.sell(), await world.sell({ payer: PAYER.toLowerCase() })];
  await world.sell({ payer: "0x1111111111111111111111111111111111111111" });
  await world.sell({ network: "solana:local" });
  const tokens = sold.map(({ token }) => token).sort();
  expect((await recover(PAYER)).sort()).toEqual(tokens);
  const [first] = sold;
  expect(await recover(PAYER, "evm", first?.session.assetId)).toEqual([first?.token]);
  expect(await recover("0x2222222222222222222222222222222222222222")).toEqual([]);
});

it("tells Solana wallets apart by case", async () => {
  const { token } = await world.sell({ payer: "PayerOne", network: "solana:local" });
  expect(await recover("PayerOne", "solana")).toEqual([token]);
  expect(await recover("payerone", "solana")).toEqual([]);
});

it("gives no token of a session whose time is over, and ends it by that look", async () => {
  const payer = "0x3333333333333333333333333333333333333333";
  const { session } = await world.sell({ payer });
  await world.endIn(session.id, -5);
  expect(await recover(payer)).toEqual([]);
  expect(await world.owner("access_sessions").where("id", session.id).first()).toMatchObject({ status: "expired" });
});

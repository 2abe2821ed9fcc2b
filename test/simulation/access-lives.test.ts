import { afterEach, describe, expect, it } from "vitest";
import { evmMissing } from "../support/evm.ts";
import { expectMoneyConserved } from "./access-money.ts";
import { buy, claimAgain, liveAccess, lookAt, moodOf } from "./access-steps.ts";
import { type AccessLife, type AccessWorld, attemptAccess, startAccessWorld } from "./access-world.ts";

/** `LIVES=10000` plays as many; what is played by default fits into every test run. Another `LIVES_SEED` plays others. */
const LIVES = Number(process.env.LIVES ?? "40");
const FIRST_SEED = Number(process.env.LIVES_SEED ?? "1");
const AT_ONCE = 10;
const LIVES_A_WORLD = 40;
const STEPS = 8;
const PAYERS = 4;
const MOST_ROUNDS = 8;

const EXPECTED = ["v2 settled", "v2 unserved", "v2 failed", "pay2 settled", "balance settled", "extended", "returned"];

const seeds = Array.from(
  { length: Math.ceil(LIVES / LIVES_A_WORLD) },
  (_, index) => FIRST_SEED + index * LIVES_A_WORLD,
);

describe.skipIf(evmMissing !== undefined)("random lives of assets for rent", () => {
  let world: AccessWorld | undefined;
  const deeds: Record<string, number> = {};
  afterEach(() => world?.close());

  it.each(seeds)(
    "conserve money through short histories from seed %i: deaths at any await, facilitators that lie, ends and extensions that meet",
    async (seed) => {
      const here = await startAccessWorld(PAYERS);
      world = here;
      const count = Math.min(LIVES, LIVES_A_WORLD);
      const lives = await Promise.all(Array.from({ length: count }, (_, index) => here.beginLife(seed + index)));
      const lifeOf = new Map(lives.map((life) => [life.wallet, life]));
      const [first] = lives;
      here.mood.of = (payTo) => {
        const life = lifeOf.get(payTo) ?? first;
        return life === undefined ? "honest" : moodOf(life);
      };
      for (let start = 0; start < count; start += AT_ONCE)
        await liveTogether(here, lives.slice(start, start + AT_ONCE));
      await comeToRest(here, lives);
      await expectRest(here, lives);
      for (const [deed, times] of Object.entries(await countDeeds(here))) deeds[deed] = (deeds[deed] ?? 0) + times;
    },
    600_000,
  );

  it("would notice a unit on the chain that no payment counts, and a sale that the books do not know", async () => {
    const here = await startAccessWorld(1);
    world = here;
    const life = await here.beginLife(FIRST_SEED);
    const [payer] = here.payers;
    if (payer === undefined) throw new Error("nobody pays");
    const check = () =>
      expectMoneyConserved(here.app.owner, { ...here, payers: [payer.address], wallets: [life.wallet] });
    await buy(here, life, here.needs);
    await check();
    await here.app.owner("access_payments").update({ fee_units: 0 });
    await expect(check()).rejects.toThrow("what the books hold");
    await here.app.owner("access_payments").update({ status: "failed" });
    await expect(check()).rejects.toThrow("on the chain");
  });

  it.skipIf(LIVES < 160)(
    "were no idle ones: in all of them together everything that can happen to money happened",
    () => {
      console.log(`What ${LIVES} lives came to: ${JSON.stringify(deeds)}`);
      for (const deed of EXPECTED) expect(deeds[deed] ?? 0, deed).toBeGreaterThan(0);
    },
  );
});

async function liveTogether(world: AccessWorld, lives: readonly AccessLife[]): Promise<void> {
  for (let step = 0; step < STEPS; step += 1) {
    await Promise.all(lives.map((life) => liveAccess(world, life)));
    world.bomb.queriesLeft = Number.POSITIVE_INFINITY;
    for (const call of world.late.splice(0)) await world.broadcast(call);
    await expectNothingImpossible(world);
  }
}

/** What holds after every step, whoever died in it. */
async function expectNothingImpossible(world: AccessWorld): Promise<void> {
  const twice = await world.app
    .owner("access_payments")
    .whereIn("status", ["settled", "unserved"])
    .groupBy("network", "transaction")
    .havingRaw("count(*) > 1")
    .select("transaction");
  expect(twice).toEqual([]);
  const unpaid = await world.app
    .owner("access_sessions as s")
    .whereNotExists(world.app.owner("access_payments as p").whereRaw("p.session_id = s.id AND p.status = 'settled'"))
    .pluck("s.id");
  expect(unpaid).toEqual([]);
}

/** Honest facilitators, living processes, and everybody who has something to ask for asks for it. */
async function comeToRest(world: AccessWorld, lives: readonly AccessLife[]): Promise<void> {
  world.mood.of = () => "honest";
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    await Promise.all(lives.map((life) => attemptAccess(life, () => lookAt(world, life, world.needs))));
    await Promise.all(lives.map((life) => claimAgain(life, world.needs)));
    if (round > 1 && (await countOpen(world)) === 0) break;
  }
  await world.passHours();
  await Promise.all(lives.map((life) => attemptAccess(life, () => lookAt(world, life, world.needs))));
}

async function countOpen(world: AccessWorld): Promise<number> {
  const open = await world.app.owner("access_payments").whereIn("status", ["submitted", "unknown"]).pluck("id");
  return open.length;
}

async function expectRest(world: AccessWorld, lives: readonly AccessLife[]): Promise<void> {
  const stories = () => lives.map(({ seed, story }) => `${seed}: ${story.join("; ")}`).join("\n");
  try {
    expect(await countOpen(world)).toBe(0);
    const payers = world.payers.map(({ address }) => address);
    const wallets = [world.treasury, ...lives.map(({ wallet }) => wallet)];
    await expectMoneyConserved(world.app.owner, { ...world, payers, wallets });
  } catch (error) {
    console.log(stories());
    throw error;
  }
}

/** How often each thing happened that the lives are there for. */
async function countDeeds(world: AccessWorld): Promise<Record<string, number>> {
  const rows: { deed: string; times: number }[] = await world.app
    .owner("access_payments")
    .groupBy("dialect", "status")
    .select(world.app.owner.raw("dialect || ' ' || status AS deed, count(*)::int AS times"));
  const extended = await world.app
    .owner("access_payments")
    .where({ is_extension: true, status: "settled" })
    .pluck("id");
  const returned = await world.app.owner("access_returns").pluck("payment_id");
  const counted = Object.fromEntries(rows.map(({ deed, times }) => [deed, times]));
  return { ...counted, extended: extended.length, returned: returned.length };
}

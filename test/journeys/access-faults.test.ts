import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { solanaMissing } from "../support/solana.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";
import {
  type Answer,
  buy,
  type Cafe,
  evmGuest,
  type Guest,
  openCafe,
  readAnswer,
  sendAgain,
  solanaGuest,
  until,
  wanting,
} from "./access-cafe.ts";

const missing = evmMissing ?? solanaMissing ?? s3Missing ?? temporalMissing;
const Pending = z.object({ status: z.literal("pending"), statusUrl: z.string() });
const Outcome = z.looseObject({ status: z.string(), sessionToken: z.string().nullable() });

let world: TestWorld;
let cafe: Cafe;
beforeAll(async () => {
  if (missing !== undefined) return;
  world = await startTestWorld({ RATE_LIMITS: "off" });
  cafe = await openCafe(world);
}, 600_000);
afterAll(() => world?.stop());

const at = (assetId: string) => `${world.description.api}/api/v1/access/${assetId}`;
const gained = async () => {
  const { solana, evm } = await cafe.received();
  return solana + evm;
};
const rowsOf = (assetId: string) =>
  world.query<{ payment: string; session: string | null }>(
    "SELECT p.status AS payment, s.status AS session FROM access_payments p LEFT JOIN access_sessions s ON s.id = p.session_id WHERE p.asset_id = $1",
    [assetId],
  );
/** Who follows the asset's payments, and whether its workflow was started. */
const wakesOf = (assetId: string) =>
  world.query<{ started: boolean }>(
    "SELECT w.sent_seq > 0 AS started FROM access_payments p JOIN wakes w ON w.subject = 'access-payment/' || p.id WHERE p.asset_id = $1",
    [assetId],
  );
const eventsOf = async (sessionId: string) =>
  (
    await world.query<{ type: string }>("SELECT type FROM access_session_events WHERE session_id = $1 ORDER BY seq", [
      sessionId,
    ])
  ).map(({ type }) => type);
const toldOf = async (assetId: string) =>
  (await cafe.told()).filter(({ data }) => data.assetId === assetId).map(({ type }) => type);

/** Whatever goes wrong on the way to an answer is asked again; what was wanted meanwhile is not answered by a 402. */
async function untilGranted(guest: Guest, assetId: string): Promise<z.infer<typeof Outcome>> {
  const ask = () => sendAgain(guest, at(assetId)).catch(() => null);
  const answer = await until("an answer that decides", ask, (got) => got !== null && got.status !== 503, 120);
  expect(answer?.status).not.toBe(402);
  if (answer?.status === 200) return Outcome.parse(answer.body);
  const { statusUrl } = Pending.parse(answer?.body);
  const look = async () => Outcome.parse((await readAnswer(await fetch(statusUrl))).body);
  return until("the payment to be resolved", look, ({ status }) => status !== "pending", 120);
}

/**
 * Holds back whatever is written to a table. `waited` resolves once somebody has come as far as to write there; that is then held until
 * `release`, also when its process is killed.
 */
async function hold(table: "access_sessions" | "access_payments" | "facilitator_settlements") {
  const client = new pg.Client({ connectionString: world.description.postgresOwner });
  // The server may be made to crash under it.
  client.on("error", () => undefined);
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE ${table} IN SHARE MODE`);
  const waiting = () =>
    world.query("SELECT 1 FROM pg_locks WHERE NOT granted AND relation = $1::regclass", [`public.${table}`]);
  return {
    waited: () => until(`a write to ${table}`, waiting, (rows) => rows.length > 0),
    release: () => client.end().catch(() => undefined),
  };
}

/** Pays, and does not wait for the answer: null where the connection was cut. */
function payCut(guest: Guest, assetId: string): Promise<Answer | null> {
  return guest
    .pay(at(assetId), wanting(1))
    .then(readAnswer)
    .catch(() => null);
}

/** Sends a payment whose tokens move and whose session is not written yet. `answer` is null where the connection was cut. */
async function payUnwritten(guest: Guest, assetId: string) {
  const before = await gained();
  const { release } = await hold("access_sessions");
  const answer = payCut(guest, assetId);
  await until("the tokens to move", gained, (units) => units > before);
  expect((await rowsOf(assetId)).map(({ payment }) => payment)).toEqual(["submitted"]);
  return { answer, release, expected: before + 100_000n };
}

describe.skipIf(missing !== undefined)(
  `faults of access${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  { timeout: 400_000 },
  () => {
    it("T01: a session whose end comes while no worker lives ends when one does, once", async () => {
      const assetId = await cafe.addAsset({ unit: "session", sessionSeconds: 10 });
      const { sessionId } = await buy(await evmGuest(world), at(assetId));
      await world.worker.kill();
      const look = () =>
        world.query<{ status: string; over: boolean }>(
          "SELECT status, now() > expires_at AS over FROM access_sessions WHERE id = $1",
          [sessionId],
        );
      const [late] = await until("its end", look, ([row]) => row?.over === true);
      expect(late?.status).toBe("active");
      await world.worker.start();
      await until("the end to be written", look, ([row]) => row?.status === "expired");
      // The worker may have been killed before it told of the beginning: then it tells of that afterwards too.
      const told = await until(
        "the merchant to be told",
        () => toldOf(assetId),
        (types) => new Set(types).size === 3,
      );
      expect(await eventsOf(sessionId)).toEqual(["started", "expired"]);
      expect(told.toSorted()).toEqual(["payment.settled", "session.expired", "session.started"]);
      expect((await cafe.call(`/api/v1/assets/${assetId}/status`)).body.data).toMatchObject({ status: "available" });
    });

    it("X02: an API killed between verify and the row has kept nothing: the same payment buys once at the next process", async () => {
      const assetId = await cafe.addAsset();
      const guest = await evmGuest(world);
      const before = await gained();
      const { waited, release } = await hold("access_payments");
      const answer = payCut(guest, assetId);
      await waited();
      await world.api.kill();
      expect(await answer).toBeNull();
      await release();
      expect([await rowsOf(assetId), await gained()]).toEqual([[], before]);
      await world.api.start();
      expect(await untilGranted(guest, assetId)).toMatchObject({ status: "granted" });
      expect(await rowsOf(assetId)).toEqual([{ payment: "settled", session: "active" }]);
      expect(await gained()).toBe(before + 100_000n);
    });

    it("X02: a payment whose taker died before anybody was asked to settle it is found, followed, settled and granted", async () => {
      const assetId = await cafe.addAsset();
      const guest = await evmGuest(world);
      const before = await gained();
      const { waited, release } = await hold("facilitator_settlements");
      const answer = payCut(guest, assetId);
      await waited();
      await Promise.all([world.api.kill(), world.facilitator.kill()]);
      expect(await answer).toBeNull();
      await release();
      expect([await rowsOf(assetId), await gained()]).toEqual([[{ payment: "submitted", session: null }], before]);
      // Nothing but its row says that somebody has to look after it.
      expect(await wakesOf(assetId)).toEqual([]);
      await Promise.all([world.api.start(), world.facilitator.start()]);
      const granted = await untilGranted(guest, assetId);
      expect(granted).toMatchObject({ status: "granted", sessionToken: expect.stringMatching(/^sess_/) });
      expect(await wakesOf(assetId)).toEqual([{ started: true }]);
      expect(await rowsOf(assetId)).toEqual([{ payment: "settled", session: "active" }]);
      expect(await gained()).toBe(before + 100_000n);
      const again = await sendAgain(guest, at(assetId));
      expect(again).toMatchObject({ status: 200, body: { sessionToken: granted.sessionToken } });
    });

    it("X02: an API killed after the tokens moved loses nothing: the payment is resolved, its session granted, and paid once", async () => {
      const assetId = await cafe.addAsset();
      const guest = await evmGuest(world);
      const { answer, release, expected } = await payUnwritten(guest, assetId);
      await world.api.kill();
      expect(await answer).toBeNull();
      await release();
      await world.api.start();
      const granted = await untilGranted(guest, assetId);
      expect(granted).toMatchObject({ status: "granted", sessionToken: expect.stringMatching(/^sess_/) });
      expect(await rowsOf(assetId)).toEqual([{ payment: "settled", session: "active" }]);
      expect(await gained()).toBe(expected);
      expect((await sendAgain(guest, at(assetId))).body.sessionToken).toBe(granted.sessionToken);
    });

    it("a database that crashes after the tokens moved is no second payment and no lost one", async () => {
      const assetId = await cafe.addAsset();
      const guest = await solanaGuest(world);
      const { answer, release, expected } = await payUnwritten(guest, assetId);
      await world.crashPostgres();
      await release();
      expect([202, 503]).toContain((await answer)?.status);
      expect(await untilGranted(guest, assetId)).toMatchObject({ status: "granted" });
      expect(await rowsOf(assetId)).toEqual([{ payment: "settled", session: "active" }]);
      expect(await gained()).toBe(expected);
    });

    it("X07: with the facilitator dead offers are still made, payments are told to come back, and count when it lives", async () => {
      const assetId = await cafe.addAsset();
      const guest = await evmGuest(world);
      const before = await gained();
      await world.facilitator.kill();
      expect((await cafe.call(`/api/v1/access/${assetId}`, {})).status).toBe(402);
      const refused = await readAnswer(await guest.pay(at(assetId), wanting(1)));
      expect(refused).toMatchObject({ status: 503, body: { code: "facilitator_unavailable" } });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await gained()).toBe(before);
      await world.facilitator.start();
      expect(await untilGranted(guest, assetId)).toMatchObject({ status: "granted" });
      expect(await gained()).toBe(before + 100_000n);
    });

    it("T05: with Temporal away access is sold, runs and ends on time, and the merchant hears of it afterwards", async () => {
      const assetId = await cafe.addAsset({ unit: "session", sessionSeconds: 4 });
      world.freeze("temporal");
      try {
        for (const guest of [await evmGuest(world), await solanaGuest(world)]) {
          const { sessionToken } = await buy(guest, at(assetId));
          const status = () => cafe.call(`/api/v1/sessions/${sessionToken}/status`);
          await until("its end", status, ({ body }) => body.status === "expired");
          expect((await cafe.call(`/api/v1/assets/${assetId}/status`)).body.data).toMatchObject({
            status: "available",
          });
        }
      } finally {
        world.thaw("temporal");
      }
      const told = await until(
        "the merchant to be told",
        () => toldOf(assetId),
        (types) => types.length >= 6,
        120,
      );
      const each = ["payment.settled", "session.expired", "session.started"];
      expect(told.toSorted()).toEqual(each.flatMap((type) => [type, type]));
    });
  },
);

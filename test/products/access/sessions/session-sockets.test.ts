import { createServer } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import { createLogger } from "../../../../src/platform/logger.ts";
import { SessionOver } from "../../../../src/products/access/payment-errors.ts";
import { endDueSession } from "../../../../src/products/access/sessions/end-due-session.ts";
import { extendSession } from "../../../../src/products/access/sessions/extend-session.ts";
import { revokeSession } from "../../../../src/products/access/sessions/revoke-session.ts";
import { noteSessionEvent } from "../../../../src/products/access/sessions/session-events.ts";
import { openSessionSockets } from "../../../../src/products/access/sessions/session-sockets.ts";
import { findSession } from "../../../../src/products/access/sessions/session-store.ts";
import { connect } from "../../../platform/sockets/socket-client.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
const lines: string[] = [];
const logger = createLogger({ level: "debug", name: "test", destination: { write: (line) => void lines.push(line) } });
const ledger = {
  postIn: async () => {
    throw new Error("nothing was paid here");
  },
};

/** One API process as far as sockets see it. */
async function serve() {
  const server = createServer();
  const sockets = await openSessionSockets(
    {
      ...{ database, databaseUrl: world.applicationUrl, logger },
      buyTime: async ({ message }) => {
        if (message.type === "payment") throw new SessionOver();
        return { type: "payment_required", units: message.units ?? 1 };
      },
    },
    server,
    { allowedOrigins: ["https://shop.example"] },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `ws://127.0.0.1:${address.port}`,
    sockets,
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

let first: Awaited<ReturnType<typeof serve>>;
let second: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  [first, second] = await Promise.all([serve(), serve()]);
});
afterAll(async () => {
  for (const { sockets, stop } of [first, second]) {
    await sockets.drain(1_000);
    await stop();
  }
  await world.close();
});

const extend = (sessionId: string, seconds = 60) =>
  database.transaction((transaction) => {
    const input = { sessionId, units: 1, unitSeconds: seconds, gross: nanodollars(1n), now: new Date() };
    return extendSession(transaction, input);
  });
const readStatus = async (sessionId: string) => {
  await endDueSession({ database }, { sessionId });
  return (await findSession(database, sessionId))?.status;
};
const say = (sessionId: string, type: "asset_maintenance" | "payment_pending") =>
  database.transaction((transaction) => noteSessionEvent(transaction, { sessionId, type, data: {} }));

describe("a holder", () => {
  it("is let in by the token in its first message, in a subprotocol or in the address, and gets a snapshot", async () => {
    const { session, token } = await world.sell();
    const byMessage = await connect(first.url);
    byMessage.send({ type: "auth", token });
    const byProtocol = await connect(`${first.url}/ws`, { protocols: ["tollkeeper", token] });
    const byAddress = await connect(`${first.url}/?token=${token}`);
    for (const socket of [byMessage, byProtocol, byAddress])
      expect(await socket.next("snapshot")).toMatchObject({
        ...{ sessionId: session.id, assetId: session.assetId, status: "active", seq: 1 },
        expiresAt: session.expiresAt.toISOString(),
      });
    byMessage.send({ type: "ping", id: "p1" });
    expect(await byMessage.next("pong")).toEqual({ type: "pong", id: "p1" });
  });

  it("is shown out with 4401 without a token, with a wrong one, and before it has shown one", async () => {
    const { token } = await world.sell();
    const wrong = await connect(`${first.url}/?token=${token}x`);
    expect(await wrong.closed).toBe("4401 session_not_found");
    const early = await connect(first.url);
    early.send({ type: "extend", units: 1 });
    expect(await early.closed).toBe("4401 authenticate_first");
    await expect(connect(first.url, { origin: "https://evil.example" })).rejects.toThrow("refused 403");
  });

  it("is told what was wrong with a message, and stays", async () => {
    const { token } = await world.sell();
    const socket = await connect(`${first.url}/?token=${token}`);
    await socket.next("snapshot");
    for (const wrong of [{ type: "dance" }, { type: "extend", units: 0 }, { units: 1 }, { type: "auth", token: 5 }]) {
      socket.send(wrong);
      expect(await socket.next("error")).toMatchObject({ code: "invalid_message" });
    }
    socket.send({ type: "ping" });
    await socket.next("pong");
  });

  it("asks and pays for time as over HTTP, each answer under its own id", async () => {
    const { token } = await world.sell();
    const socket = await connect(`${first.url}/?token=${token}`);
    await socket.next("snapshot");
    socket.send({ type: "extend", units: 3, id: "e1" });
    expect(await socket.next("payment_required")).toEqual({ type: "payment_required", units: 3, id: "e1" });
    socket.send({ type: "payment", id: "e2", x402Version: 2, payload: {} });
    expect(await socket.next("error")).toMatchObject({ code: "session_over", status: 410, id: "e2" });
    for (let count = 0; count < 12; count += 1) {
      socket.send({ type: "extend", id: `flood-${count}` });
      await expect.poll(() => socket.said.some(({ id }) => id === `flood-${count}`)).toBe(true);
    }
    expect(socket.said).toContainEqual({ type: "error", code: "rate_limited", id: "flood-11" });
  });
});

describe("every socket of a session", () => {
  it("hears every event once and in order, whichever process it is connected to", async () => {
    const { session, token } = await world.sell();
    const sockets = await Promise.all([first, first, second].map(({ url }) => connect(`${url}/?token=${token}`)));
    for (const socket of sockets) await socket.next("snapshot");
    await Promise.all(Array.from({ length: 10 }, () => say(session.id, "asset_maintenance")));
    const extended = await extend(session.id);
    if (extended === "too_late") throw new Error("it was in time");
    for (const socket of sockets) {
      const event = await socket.next("extended");
      expect(event).toMatchObject({ seq: 12, addedUnits: 1, expiresAt: extended.expiresAt.toISOString() });
      expect(socket.said.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    }
  });

  it("hears after a reconnect what it missed, also in another process, and nothing twice", async () => {
    const { session, token } = await world.sell();
    const before = await connect(`${first.url}/?token=${token}`);
    await before.next("snapshot");
    before.socket.close();
    await before.closed;
    await say(session.id, "payment_pending");
    await extend(session.id);
    expect(await findSession(database, session.id)).toMatchObject({ status: "active" });
    const after = await connect(second.url);
    after.send({ type: "auth", token, lastSeq: 1 });
    expect(await after.next("snapshot")).toMatchObject({ seq: 3 });
    expect(await after.next("payment_pending")).toMatchObject({ seq: 2 });
    expect(await after.next("extended")).toMatchObject({ seq: 3 });
    const boasting = await connect(`${second.url}/?token=${token}&lastSeq=99`);
    await boasting.next("snapshot");
    await say(session.id, "asset_maintenance");
    expect(await boasting.next("asset_maintenance")).toMatchObject({ seq: 4 });
  });

  it("hears what was said while the connection that listens was cut", async () => {
    const { session, token } = await world.sell();
    const socket = await connect(`${first.url}/?token=${token}`);
    await socket.next("snapshot");
    await database.raw(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'tollkeeper-access_session_events' AND datname = current_database()`,
    );
    await say(session.id, "asset_maintenance");
    expect(await socket.next("asset_maintenance")).toMatchObject({ seq: 2 });
    await say(session.id, "payment_pending");
    expect(await socket.next("payment_pending")).toMatchObject({ seq: 3 });
  });

  it("has no more than sixteen of them in one process", async () => {
    const { token } = await world.sell();
    const sockets = await Promise.all(Array.from({ length: 16 }, () => connect(`${first.url}/?token=${token}`)));
    for (const socket of sockets) await socket.next("snapshot");
    const more = await connect(`${first.url}/?token=${token}`);
    expect(await more.closed).toBe("4429 too_many_sockets_of_this_session");
  });
});

describe("the end of a session", () => {
  it("is told at its time without any workflow, once, and closes every socket with 4000", async () => {
    const { session, token } = await world.sell({ units: 1, unitSeconds: 2 });
    const sockets = await Promise.all([first, second].map(({ url }) => connect(`${url}/?token=${token}&lastSeq=1`)));
    for (const socket of sockets) {
      expect(await socket.next("expired")).toMatchObject({ status: "expired", sessionId: session.id });
      expect(await socket.closed).toBe("4000 session_expired");
    }
    const ended = await findSession(database, session.id);
    expect(ended?.endedAt?.getTime()).toBeGreaterThanOrEqual(session.expiresAt.getTime());
    expect((await world.events(session.id)).map(({ type }) => type)).toEqual(["started", "expired"]);
  });

  it("comes later after an extension: the old end comes to nothing", async () => {
    const { session, token } = await world.sell({ units: 1, unitSeconds: 8 });
    const socket = await connect(`${first.url}/?token=${token}`);
    await socket.next("snapshot");
    await extend(session.id, 1);
    await socket.next("extended");
    const { occurredAt } = await socket.next("expired");
    expect(new Date(String(occurredAt)).getTime()).toBeGreaterThanOrEqual(session.expiresAt.getTime() + 1_000);
  });

  it("is told with 4403 where the session was taken away, and to whoever comes back afterwards", async () => {
    const { session, token } = await world.sell();
    const socket = await connect(`${first.url}/?token=${token}`);
    await socket.next("snapshot");
    await database.transaction((transaction) =>
      revokeSession(transaction, { ledger }, { sessionId: session.id, merchantId: null, givesBack: false }),
    );
    await socket.next("revoked");
    expect(await socket.closed).toBe("4403 session_revoked");
    const late = await connect(`${second.url}/?token=${token}`);
    expect(await late.next("snapshot")).toMatchObject({ status: "revoked", secondsLeft: 0 });
    expect(await late.closed).toBe("4403 session_revoked");
    const missed = await connect(`${second.url}/?token=${token}&lastSeq=1`);
    await missed.next("revoked");
    expect(await missed.closed).toBe("4403 session_revoked");
  });

  it("closes whoever comes back for what was said after it, such as a payment that came too late", async () => {
    const { session, token } = await world.sell({ units: 1, unitSeconds: 1 });
    await expect.poll(() => readStatus(session.id), { timeout: 20_000 }).toBe("expired");
    await database.transaction((transaction) =>
      noteSessionEvent(transaction, { sessionId: session.id, type: "payment_failed", data: {} }),
    );
    const late = await connect(`${second.url}/?token=${token}&lastSeq=2`);
    expect(await late.next("payment_failed")).toMatchObject({ seq: 3 });
    expect(await late.closed).toBe("4000 session_expired");
  });

  it("is not what a socket's own end means", async () => {
    const { session, token } = await world.sell();
    const socket = await connect(`${first.url}/?token=${token}`);
    await socket.next("snapshot");
    socket.socket.terminate();
    await socket.closed;
    expect(await findSession(database, session.id)).toMatchObject({ status: "active" });
  });
});

it("leaves no token in any line of the log", async () => {
  const { token } = await world.sell();
  const socket = await connect(`${first.url}/?token=${token}`, { protocols: ["tollkeeper", token] });
  socket.socket.send("nonsense");
  await socket.closed;
  expect(lines.join("\n")).not.toContain("sess_");
});

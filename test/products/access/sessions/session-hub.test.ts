import { afterAll, expect, it } from "vitest";
import type { SocketMessage } from "../../../../src/platform/sockets/sockets.ts";
import { readSession } from "../../../../src/products/access/sessions/read-session.ts";
import { openSessionHub } from "../../../../src/products/access/sessions/session-hub.ts";
import { startSessionWorld } from "./session-world.ts";

const world = await startSessionWorld();
const { database } = world;
const hub = openSessionHub({ database, logger: { warn: () => {} } });
afterAll(async () => {
  hub.stop();
  await world.close();
});

function listen() {
  const said: SocketMessage[] = [];
  const closed: string[] = [];
  const connection = {
    ...{ ip: "127.0.0.1", query: new URLSearchParams(), protocols: [] },
    send: (message: SocketMessage) => void said.push(message),
    close: (code: number, reason: string) => void closed.push(`${code} ${reason}`),
  };
  return { connection, said, closed };
}

it("ends a session on time by itself, tells it to who listens and to nobody who has left", async () => {
  const { token } = await world.sell({ units: 1, unitSeconds: 6 });
  const seen = await readSession({ database }, { token });
  const [staying, leaving] = [listen(), listen()];
  hub.join(staying.connection, { seen, lastSeq: null });
  hub.join(leaving.connection, { seen, lastSeq: null })?.();
  await expect.poll(() => staying.closed).toEqual(["4000 session_expired"]);
  expect(staying.said.map(({ type }) => type)).toEqual(["snapshot", "expired"]);
  expect(leaving.said.map(({ type }) => type)).toEqual(["snapshot"]);
});

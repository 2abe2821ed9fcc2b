import { connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { openTemporalClient, untilTemporalAnswers } from "../../../src/platform/temporal/client.ts";
import { startDevServer, temporalMissing } from "../../support/temporal.ts";

let environment: Awaited<ReturnType<typeof startDevServer>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startDevServer();
}, 600_000);
afterAll(() => environment?.teardown());

function lines() {
  const said: object[] = [];
  return { said, logger: { warn: (entry: object) => void said.push(entry) } };
}

/** Lets connections to `port` through to the server. */
function openGate(port: number): Promise<Server> {
  const [host, target] = environment.address.split(":");
  const gate = createServer((socket) => {
    const behind = connect(Number(target), host ?? "127.0.0.1");
    socket.pipe(behind).pipe(socket);
    for (const end of [socket, behind]) end.on("error", () => socket.destroy());
  });
  return new Promise((resolve) => gate.listen(port, "127.0.0.1", () => resolve(gate)));
}

describe.skipIf(temporalMissing !== undefined)("the client", () => {
  it("is connected to its namespace", async () => {
    const { logger, said } = lines();
    const temporal = await openTemporalClient({ logger }, { address: environment.address, namespace: "default" });
    expect(temporal.client.options.namespace).toBe("default");
    await expect(temporal.client.workflow.getHandle("nobody").describe()).rejects.toThrow(/not found/i);
    expect(said).toEqual([]);
    await temporal.close();
  });

  it("waits for a server that is not up yet, and says so with the address", async () => {
    const { logger, said } = lines();
    const port = await freePort();
    const address = `127.0.0.1:${port}`;
    const opening = openTemporalClient({ logger }, { address, namespace: "default" });
    await expect.poll(() => said.length).toBeGreaterThan(0);
    const gate = await openGate(port);
    const temporal = await opening;
    await expect(temporal.client.workflow.getHandle("nobody").describe()).rejects.toThrow(/not found/i);
    expect(said[0]).toMatchObject({ address });
    await temporal.close();
    gate.close();
  });
});

describe("waiting for Temporal", () => {
  it("tries until it works and hands over what was connected", async () => {
    const { logger, said } = lines();
    let tries = 0;
    const connect = async () => {
      tries += 1;
      if (tries === 1) throw new Error("refused");
      return "connected";
    };
    expect(await untilTemporalAnswers({ logger }, { address: "temporal:7233", connect })).toBe("connected");
    expect(said).toEqual([{ address: "temporal:7233", reason: "refused", retrySeconds: 2 }]);
  });
});

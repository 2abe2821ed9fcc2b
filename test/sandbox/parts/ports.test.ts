import { createServer, type Server } from "node:net";
import { afterEach, expect, it } from "vitest";
import type { WantedPorts } from "../../../sandbox/options.ts";
import { freePort, nextFreePort } from "../../../sandbox/parts/ports.ts";
import { choosePorts } from "../../../sandbox/port-choice.ts";

const listening: Server[] = [];
afterEach(() => {
  for (const server of listening.splice(0)) server.close();
});

async function occupy(port: number): Promise<void> {
  const server = createServer();
  listening.push(server);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
}

it("finds ports that no outgoing connection and no server without a wish is given, each once", async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, freePort));
  expect(new Set(ports).size).toBe(50);
  for (const port of ports) expect(port).toBeLessThan(32_768);
});

it("takes the wanted port when nobody listens there", async () => {
  const port = await freePort();
  expect(await nextFreePort(port)).toBe(port);
});

it("moves past a port somebody listens on and past those already given away", async () => {
  const port = await freePort();
  await occupy(port);
  const moved = await nextFreePort(port, new Set([port + 1]));
  expect(moved).toBeGreaterThan(port + 1);
});

it("gives every part a port of its own and says which ones moved", async () => {
  const port = await freePort();
  const wanted: WantedPorts = {
    api: port,
    temporal: port,
    temporalUi: port,
    postgres: port,
    evm: port,
    solana: port,
    s3: port,
    inbox: port,
    officex: port,
    mail: port,
    mailWeb: port,
    facilitator: port,
  };
  const said: string[] = [];
  const chosen = await choosePorts(wanted, (line) => said.push(line));
  expect(new Set(Object.values(chosen)).size).toBe(12);
  expect(chosen.api).toBe(port);
  expect(said).toHaveLength(11);
  expect(said[0]).toBe(`port ${port} is taken: temporal uses ${chosen.temporal}`);
});

import { createServer } from "node:http";

/** A door in front of a node that counts what is asked of it. */
export type CountingRpc = {
  readonly url: string;
  readonly takeCount: () => number;
  readonly stop: () => Promise<void>;
};

/** Passes every request on to `target` unchanged and counts the JSON-RPC calls in it; a batch of five is five. */
export async function startCountingRpc(target: string): Promise<CountingRpc> {
  let calls = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => void parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts).toString("utf8");
      const asked: unknown = JSON.parse(body);
      calls += Array.isArray(asked) ? asked.length : 1;
      fetch(target, { method: "POST", headers: { "content-type": "application/json" }, body })
        .then(async (answer) => response.end(await answer.text()))
        .catch(() => response.destroy());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the door has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    takeCount: () => {
      const taken = calls;
      calls = 0;
      return taken;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

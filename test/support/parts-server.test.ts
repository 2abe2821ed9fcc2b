import { expect, it, vi } from "vitest";
import { startPartsServer } from "./parts-server.ts";
import { sharedPartAt } from "./shared-part-request.ts";

it("starts a part once for everybody, hands out its reply and stops it at the end", async () => {
  const stop = vi.fn(async () => undefined);
  const start = vi.fn(async () => ({ reply: { port: 1 }, stop }));
  const server = await startPartsServer({ part: start });
  expect(start).not.toHaveBeenCalled();
  expect(await Promise.all([sharedPartAt(server.url, "part"), sharedPartAt(server.url, "part")])).toEqual([
    { port: 1 },
    { port: 1 },
  ]);
  await server.close();
  expect([start.mock.calls.length, stop.mock.calls.length]).toEqual([1, 1]);
});

it("keeps the caller waiting for a part that takes longer than one answer may", async () => {
  const slow = async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { reply: "at last", stop: async () => undefined };
  };
  const server = await startPartsServer({ slow }, { askAgainMs: 50 });
  expect((await fetch(`${server.url}/slow`, { method: "POST" })).status).toBe(202);
  expect(await sharedPartAt(server.url, "slow")).toBe("at last");
  await server.close();
});

it("passes on why a part cannot be had", async () => {
  const server = await startPartsServer({ broken: () => Promise.reject(new Error("no disk")) });
  await expect(sharedPartAt(server.url, "broken")).rejects.toThrow("The shared part broken cannot be had: no disk");
  await expect(sharedPartAt(server.url, "unknown")).rejects.toThrow("No shared part is called unknown");
  await server.close();
});

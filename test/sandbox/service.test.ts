import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { startService } from "../../sandbox/service.ts";

const folder = mkdtempSync(join(tmpdir(), "tollkeeper-service-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("starts a dead process again, waits longer each time, and shows its last lines", async () => {
  const said: string[] = [];
  const command = { command: "/bin/sh", args: ["-c", "echo last words; exit 7"] };
  const service = await startService({ name: "short-lived", ...command, runDirectory: folder }, (line) =>
    said.push(line),
  );
  while (said.length < 2) await pause(20);
  await service.stop();
  expect(said[0]).toMatch(
    /^short-lived ended with exit code 7; starting it again in 0.5 s\. Its last lines:\nlast words/,
  );
  expect(said[1]).toContain("starting it again in 1 s");
  const deaths = service.deaths();
  await pause(1_500);
  expect(service.deaths()).toBe(deaths);
});

it("does not start a process again that it stopped itself", async () => {
  const said: string[] = [];
  const service = await startService({ name: "steady", command: "sleep", args: ["60"], runDirectory: folder }, (line) =>
    said.push(line),
  );
  await service.stop();
  expect(service.deaths()).toBe(0);
  expect(said).toEqual([]);
});

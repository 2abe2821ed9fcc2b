import { describe, expect, it } from "vitest";
import { keepPart } from "../../../sandbox/parts/kept-part.ts";
import type { Part } from "../../../sandbox/parts/part.ts";

/** A part under our hands: `kill` makes the one that is up die, `failing` makes the next starts fail. */
function underOurHands() {
  const lines: string[] = [];
  const seen = { starts: 0, stops: 0, failing: false, lines, kill: () => {} };
  const start = async (): Promise<Part> => {
    if (seen.failing) throw new Error("port 1 is taken");
    seen.starts += 1;
    const died = new Promise<string>((resolve) => {
      seen.kill = () => resolve("x ended with SIGKILL");
    });
    const stop = async () => {
      seen.stops += 1;
    };
    return { name: "x", source: "this test", died, stop };
  };
  return { seen, start, say: (line: string) => void lines.push(line) };
}

describe("keepPart", () => {
  it("starts a part again that was killed, and says so", async () => {
    const { seen, start, say } = underOurHands();
    const part = await keepPart({ start, say, steadyMs: 0 });
    seen.kill();
    await expect.poll(() => seen.starts).toBe(2);
    await expect.poll(() => seen.lines).toEqual(["died; starting it again: x ended with SIGKILL", "up again"]);
    await part.stop();
    expect(seen.stops).toBe(2);
  });

  it("gives up on a part that dies soon after its start", async () => {
    const { seen, start, say } = underOurHands();
    const part = await keepPart({ start, say, steadyMs: 60_000 });
    seen.kill();
    expect(await part.died).toBe("x ended with SIGKILL");
    expect(seen.starts).toBe(1);
  });

  it("gives up, with both reasons, on a part that does not start again", async () => {
    const { seen, start, say } = underOurHands();
    const part = await keepPart({ start, say, steadyMs: 0 });
    seen.failing = true;
    seen.kill();
    expect(await part.died).toBe("x ended with SIGKILL\nport 1 is taken");
  });

  it("leaves nothing up when it is stopped in the middle of a new start", async () => {
    const { seen, start, say } = underOurHands();
    const part = await keepPart({ start, say, steadyMs: 0 });
    seen.kill();
    await expect.poll(() => seen.lines).toContain("died; starting it again: x ended with SIGKILL");
    await part.stop();
    expect(seen.stops).toBe(seen.starts);
  });
});

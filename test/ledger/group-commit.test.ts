import { describe, expect, it } from "vitest";
import { accounts } from "../../src/ledger/chart-of-accounts.ts";
import { postCommand } from "../../src/ledger/command.ts";
import { openLane, type PostBatch } from "../../src/ledger/group-commit.ts";
import type { ResolvedCommand } from "../../src/ledger/pack-batch.ts";
import { charge } from "./ledger-world.ts";

const command = (n: number): ResolvedCommand => ({
  command: postCommand(charge(accounts.purchase("a"), `c-${n}`, 1n)),
  kindId: 1,
  debits: [2],
  credits: [-1],
  usageAccount: 0,
});
const outcome = (entryNumber: number) => ({
  status: 0,
  entryNumber,
  postedAt: new Date(0),
  balance: null,
  required: 0n,
  thresholdsCrossed: [],
});

describe("a lane", () => {
  it("commits what arrived during a batch as the next one, never more than its largest, in order", async () => {
    const sizes: number[] = [];
    let posted = 0;
    let goOn = () => {};
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const post: PostBatch = async (commands) => {
      sizes.push(commands.length);
      await held;
      return commands.map(() => ({ status: "fulfilled", value: outcome(posted++) }));
    };
    const lane = openLane(post, { largestBatch: 100, longestQueue: 1000 });
    const first = lane.submit(command(0));
    await expect.poll(() => sizes).toEqual([1]);
    const rest = Array.from({ length: 250 }, (_, n) => lane.submit(command(n + 1)));
    goOn();
    expect((await first).entryNumber).toBe(0);
    expect((await Promise.all(rest)).map(({ entryNumber }) => entryNumber)).toEqual(
      Array.from({ length: 250 }, (_, n) => n + 1),
    );
    await lane.drained();
    expect(sizes).toEqual([1, 100, 100, 50]);
  });

  it("gives each caller its own result, and goes on after failures", async () => {
    const post: PostBatch = async (commands) =>
      commands.map((_, index) =>
        index === 1
          ? { status: "rejected", reason: new Error("mine") }
          : { status: "fulfilled", value: outcome(index) },
      );
    const lane = openLane(post, { largestBatch: 10, longestQueue: 10 });
    const answers = await Promise.allSettled([0, 1, 2].map((n) => lane.submit(command(n))));
    expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await lane.submit(command(3))).entryNumber).toBe(0);
  });
});

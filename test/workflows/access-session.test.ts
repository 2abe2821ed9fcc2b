import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccessSessionView, RepairAnswer } from "../../workflows/contracts.ts";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, inTurn, repair, withWorkflow } from "./workflow-stage.ts";

const RUNNING: AccessSessionView = {
  ...{ status: "active", next: "wait", deadline: null, lookAgainAt: null, details: "It runs." },
};
const EXPIRED: AccessSessionView = { ...RUNNING, status: "expired", next: "done", details: "It is expired." };

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const stage = () => ({ environment, type: "accessSession" });
const inMilliseconds = async (ms: number) => new Date((await environment.currentTimeMs()) + ms).toISOString();

describe.skipIf(temporalMissing !== undefined)("access session", () => {
  it("looks again at the moments it is told, and ends when the row has ended", async () => {
    const views = inTurn([
      { ...RUNNING, lookAgainAt: await inMilliseconds(300_000), deadline: await inMilliseconds(600_000) },
      { ...RUNNING, lookAgainAt: await inMilliseconds(600_000) },
      EXPIRED,
    ]);
    await withWorkflow(stage(), { fakes: { reviewSession: views.next } }, async (workflow) => {
      expect(await workflow.result()).toBe("expired");
      expect(await workflow.timeline()).toEqual(["Status is active.", "Status is expired."]);
    });
    expect(views.asked()).toBe(3);
  });

  it("reads the row again at a wake: an extension is seen at once, and the old end comes to nothing", async () => {
    const views = inTurn([
      { ...RUNNING, lookAgainAt: await inMilliseconds(60_000) },
      { ...RUNNING, details: "Longer.", lookAgainAt: await inMilliseconds(3_600_000) },
      EXPIRED,
    ]);
    await withWorkflow(stage(), { fakes: { reviewSession: views.next } }, async (workflow) => {
      await expect.poll(workflow.details).toBe("It runs.");
      await workflow.signal("wake", 1);
      await expect.poll(workflow.details).toBe("Longer.");
      await environment.sleep("5 minutes");
      expect(views.asked()).toBe(2);
      expect(await workflow.result()).toBe("expired");
    });
  });

  it("asks about the session it stands for, and ends for one that is not there", async () => {
    const asked: string[] = [];
    const fakes: Fakes = {
      reviewSession: async ({ sessionId }) => {
        asked.push(sessionId);
        return { ...EXPIRED, status: "unknown" };
      },
    };
    await withWorkflow(stage(), { fakes, id: "acs_mine" }, async (workflow) => {
      expect(await workflow.result()).toBe("unknown");
    });
    expect(asked).toEqual(["acs_mine"]);
  });

  it("takes an operator's repairs as Updates, and looks at once at what they changed", async () => {
    let status = "active";
    const fakes: Fakes = {
      reviewSession: async () => (status === "active" ? RUNNING : { ...EXPIRED, status }),
      repairSession: async ({ sessionId }) => {
        status = "revoked";
        const subject = `access-session/${sessionId}`;
        return { requestId: "r1", subject, action: "revokeSession", outcome: "Revoked.", data: {}, actedAt: "now" };
      },
    };
    await withWorkflow(stage(), { fakes }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).status).toBe("active");
      const answer = await workflow.executeUpdate<RepairAnswer, [object]>("revokeSession", { args: [repair("r1")] });
      expect(answer.outcome).toBe("Revoked.");
      expect(await workflow.result()).toBe("revoked");
    });
  });

  it("goes on after a worker was killed at every await, and after an hour without a database", async () => {
    let tries = 0;
    const fakes: Fakes = {
      reviewSession: async () => {
        tries += 1;
        if (tries < 20) throw new Error("the database is away");
        return EXPIRED;
      },
    };
    await withWorkflow(stage(), { fakes, cachedWorkflows: 0 }, async (workflow) => {
      expect(await workflow.result()).toBe("expired");
    });
  });
});

import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RotationView } from "../../workflows/contracts.ts";
import { messages } from "../../workflows/contracts.ts";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const stage = () => ({ environment, type: "rotateCredentials" });
const again: RotationView = { status: "rotating", next: "again", deadline: null, details: "Made." };
const done: RotationView = {
  status: "done",
  next: "done",
  deadline: null,
  details: "Only the newest credentials work.",
};

/** Answers these views in order, the last for ever, and notes how often it was asked. */
function answering(...views: readonly RotationView[]) {
  const asked: string[] = [];
  const rotateCredentials = async ({ purchaseId }: { readonly purchaseId: string }): Promise<RotationView> => {
    asked.push(purchaseId);
    return views[Math.min(asked.length, views.length) - 1] ?? done;
  };
  return { asked, fakes: { rotateCredentials } };
}

describe.skipIf(temporalMissing !== undefined)("rotateCredentials", () => {
  it("goes on until only one user is left", async () => {
    const { asked, fakes } = answering(again, again, done);
    await withWorkflow(stage(), { fakes, id: "pur_1" }, async (workflow) => {
      expect(await workflow.result()).toBe(done.details);
    });
    expect(asked).toEqual(["pur_1", "pur_1", "pur_1"]);
  });

  it("sleeps till an overlap ends, and looks again when woken meanwhile", async () => {
    const deadline = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const overlap: RotationView = { status: "overlap", next: "wait", deadline, details: "Old credentials work." };
    const { asked, fakes } = answering(again, overlap, again, done);
    await withWorkflow(stage(), { fakes }, async (workflow) => {
      await expect.poll(() => asked.length).toBe(2);
      expect((await workflow.state()).status).toBe("overlap");
      await workflow.signal(messages.wake, 7);
      expect(await workflow.result()).toBe(done.details);
    });
    expect(asked).toHaveLength(4);
  });

  it("parks where a person sees it when the store refuses, and shows no secret", async () => {
    let refuses = true;
    const rotateCredentials = async (): Promise<RotationView> => {
      if (refuses) throw ApplicationFailure.nonRetryable("The user is somebody else's.", "storage_user_taken");
      return done;
    };
    await withWorkflow(stage(), { fakes: { rotateCredentials } }, async (workflow) => {
      await expect.poll(async () => (await workflow.state()).stuck?.code).toBe("storage_user_taken");
      refuses = false;
      expect(await workflow.result()).toBe(done.details);
    });
  });
});

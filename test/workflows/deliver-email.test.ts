import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const email = () => ({ environment, type: "deliverEmail" });

describe.skipIf(temporalMissing !== undefined)("deliverEmail", () => {
  it("mails the event it stands for, however often the server will not", async () => {
    const asked: string[] = [];
    const fakes: Fakes = {
      mailEvent: async ({ eventId }) => {
        asked.push(eventId);
        if (asked.length < 3) throw ApplicationFailure.create({ message: "The mail server answered 451." });
        return "handed to the mail server";
      },
    };
    await withWorkflow(email(), { fakes, id: "evt_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("handed to the mail server");
      expect(await workflow.details()).toBe("The mail is handed to the mail server.");
    });
    expect(asked).toEqual(["evt_1", "evt_1", "evt_1"]);
  });

  it("gives up after three days of a dead server, and needs nobody", async () => {
    const fakes: Fakes = {
      mailEvent: async () => {
        throw ApplicationFailure.create({ message: "The mail server did not take it.", type: "notice_not_taken" });
      },
      giveUpDelivery: async ({ channel }) => `given up (${channel})`,
    };
    await withWorkflow(email(), { fakes }, async (workflow) => {
      expect(await workflow.result()).toBe("given up (email)");
      expect((await workflow.state()).stuck).toBeNull();
    });
  });
});

import { ApplicationFailure } from "@temporalio/common";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTimeSkipping, temporalMissing } from "../support/temporal.ts";
import { type Fakes, withWorkflow } from "./workflow-stage.ts";

let environment: Awaited<ReturnType<typeof startTimeSkipping>>;

beforeAll(async () => {
  if (temporalMissing === undefined) environment = await startTimeSkipping();
}, 600_000);
afterAll(() => environment?.teardown());

const officex = () => ({ environment, type: "deliverOfficex" });
const refused = () => ApplicationFailure.create({ message: "OfficeX answered 503.", type: "notice_not_taken" });

describe.skipIf(temporalMissing !== undefined)("deliverOfficex", () => {
  it("updates the record and fills the inbox, neither waiting for the other", async () => {
    const done: string[] = [];
    let tries = 0;
    const fakes: Fakes = {
      updateOfficex: async ({ eventId }) => {
        tries += 1;
        if (tries < 4) throw refused();
        done.push(`record ${eventId}`);
        return "accepted";
      },
      noticeOfficex: async ({ eventId }) => {
        done.push(`inbox ${eventId}`);
        return "accepted";
      },
    };
    await withWorkflow(officex(), { fakes, id: "evt_1" }, async (workflow) => {
      expect(await workflow.result()).toBe("record: accepted; inbox: accepted");
      expect(await workflow.details()).toBe("Record: accepted. Inbox: accepted.");
    });
    expect(done).toEqual(["inbox evt_1", "record evt_1"]);
  });

  it("gives up after three days, written down, and needs nobody", async () => {
    const given: string[] = [];
    const fakes: Fakes = {
      updateOfficex: async () => {
        throw refused();
      },
      noticeOfficex: async () => "accepted",
      giveUpDelivery: async ({ eventId, channel }) => {
        given.push(`${eventId} ${channel}`);
        return "given up after three days (unavailable)";
      },
    };
    const started = await environment.currentTimeMs();
    await withWorkflow(officex(), { fakes, id: "evt_2" }, async (workflow) => {
      expect(await workflow.result()).toContain("given up after three days");
      expect((await workflow.state()).stuck).toBeNull();
    });
    expect(given).toEqual(["evt_2 officex"]);
    expect(((await environment.currentTimeMs()) - started) / 3_600_000).toBeGreaterThan(70);
  });

  it("ends when it is cancelled", async () => {
    const fakes: Fakes = {
      updateOfficex: async () => {
        throw refused();
      },
      noticeOfficex: async () => "accepted",
    };
    await withWorkflow(officex(), { fakes }, async (workflow) => {
      await workflow.cancel();
      await expect(workflow.result()).rejects.toThrow();
    });
  });
});

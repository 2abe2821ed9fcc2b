import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listEvents } from "../../../../src/products/purchases/event-store.ts";
import { announce } from "../../../../src/products/purchases/notices/announce.ts";
import { startTestApp, type TestApp } from "../../../support/app.ts";
import { finalize, initiate, pay, sell, wakes } from "../sales.ts";

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

describe("announce", () => {
  it("tells one thing once, however many say it at the same time, and wakes one delivery", async () => {
    const { purchaseId } = await sell(app, "5");
    const news = { purchaseId, type: "purchase.test", key: "the-same", data: {} };
    const said = await Promise.all(
      Array.from({ length: 10 }, () => app.database.transaction((transaction) => announce(transaction, news))),
    );
    expect(said.filter(Boolean)).toHaveLength(1);
    const told = (await listEvents(app.database, purchaseId)).filter(({ type }) => type === "purchase.test");
    expect(told).toHaveLength(1);
    expect(await wakes(app, `notice/${told[0]?.id}`)).toBe(1);
  });

  const tell = async (purchaseId: string, type: string) => {
    await app.database.transaction((transaction) => announce(transaction, { purchaseId, type, key: type, data: {} }));
    const event = (await listEvents(app.database, purchaseId)).find((candidate) => candidate.type === type);
    const channels = ["notice", "officex", "email"];
    const raised = await Promise.all(channels.map((channel) => wakes(app, `${channel}/${event?.id}`)));
    return channels.filter((_, index) => raised[index] === 1);
  };
  const bought = async (buyer: Parameters<typeof initiate>[1], officexPurchaseId: string | null) => {
    const session = await initiate(app, buyer);
    await pay(app, session, "5");
    return (await finalize(app, session, { officexPurchaseId })).purchase.id;
  };
  const organisation = { orgId: "DriveID_1", host: "https://officex.app", orgApiKey: "key" };

  it("wakes one delivery for each way this customer can be told, and no other", async () => {
    const { purchaseId } = await sell(app, "5");
    expect(await tell(purchaseId, "purchase.balance_low")).toEqual(["notice"]);
    const everywhere = await bought({ email: "a@example.com", ...organisation }, "PurchaseID_1");
    expect(await tell(everywhere, "purchase.balance_low")).toEqual(["notice", "officex", "email"]);
    expect(await tell(everywhere, "purchase.something_small")).toEqual(["notice", "officex"]);
    const unrecorded = await bought(organisation, null);
    expect(await tell(unrecorded, "purchase.balance_low")).toEqual(["notice"]);
    const keyless = await bought({ ...organisation, orgApiKey: null }, "PurchaseID_2");
    expect(await tell(keyless, "purchase.balance_low")).toEqual(["notice"]);
  });
});

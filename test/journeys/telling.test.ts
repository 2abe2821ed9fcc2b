import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { type Bought, type Buyer, openBuyer, openMeter, readRecordStatus } from "../../sandbox/demo/buyer.ts";
import { pollUntil } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";

const missing = evmMissing ?? s3Missing ?? temporalMissing;
const Mails = z.object({ messages: z.array(z.object({ raw: z.string() })) });

let world: TestWorld;
let buyer: Buyer;
beforeAll(async () => {
  if (missing !== undefined) return;
  world = await startTestWorld({ GRACE_SECONDS: "2" });
  buyer = openBuyer(world.description);
}, 600_000);
afterAll(async () => {
  buyer?.close();
  await world?.stop();
});

const setFaults = (url: string, faults: unknown) => fetch(url, { method: "PUT", body: JSON.stringify(faults) });
const recordOf = (bought: Bought) => readRecordStatus(world.description, bought.officexPurchaseId ?? "");
const mailsAbout = async ({ purchaseId }: Bought) => {
  const { messages } = Mails.parse(await (await fetch(world.description.mail.messages)).json());
  return messages.filter(({ raw }) => raw.replaceAll("=\r\n", "").includes(purchaseId));
};

async function buy(): Promise<Bought> {
  const session = await buyer.initiate(S3_OFFER);
  await buyer.pay(session.crypto_checkout.receiving_address, 2_000_000n);
  await buyer.awaitPaid(session, 60);
  return buyer.finalize(session);
}

describe.skipIf(missing !== undefined)(
  `telling${missing === undefined ? "" : ` (skipped: ${missing})`}`,
  { timeout: 400_000 },
  () => {
    it("O03: a dead OfficeX and a hanging listener hold up neither the sale, nor the mails, nor each other", async () => {
      const bought = await buy();
      await buyer.awaitStatus(bought, ["active"], 60);
      await setFaults(world.parts.officex.faultsUrl, { down: true });
      await setFaults(world.parts.inbox.faultsUrl, { delayMs: 60_000 });
      await openMeter(world.description, bought.purchaseId).charge("1.99");
      await buyer.awaitStatus(bought, ["terminated"], 120);
      await pollUntil(
        { what: "the last mail", seconds: 60 },
        () => mailsAbout(bought),
        (mails) => mails.some(({ raw }) => raw.includes("has ended")),
      );
      const delivered = await world.query<{ count: string }>(
        `SELECT count(*) AS count FROM delivery_attempts a JOIN purchase_events e ON e.id = a.event_id
       WHERE e.purchase_id = $1 AND e.type <> 'purchase.active' AND a.channel <> 'email' AND a.outcome = 'delivered'`,
        [bought.purchaseId],
      );
      expect(delivered[0]?.count).toBe("0");

      await setFaults(world.parts.inbox.faultsUrl, {});
      await setFaults(world.parts.officex.faultsUrl, { down: false });
      await pollUntil(
        { what: "the record at its end", seconds: 120 },
        () => recordOf(bought),
        (status) => status === "ARCHIVED",
      );
      await pollUntil(
        { what: "the last notice", seconds: 120 },
        () => world.readNotices(bought.purchaseId),
        (notices) => notices.some(({ type }) => type === "purchase.terminated"),
      );
    });

    it("no log and no row holds the key of the buyer's organisation", async () => {
      const { orgApiKey } = world.description.officex;
      expect(world.worker.wholeLog() + world.api.wholeLog()).not.toContain(orgApiKey);
      const rows = await world.query<{ text: string }>(
        "SELECT row_to_json(t)::text AS text FROM delivery_attempts t UNION ALL SELECT row_to_json(c)::text FROM checkouts c",
      );
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.some(({ text }) => text.includes(orgApiKey))).toBe(false);
    });
  },
);

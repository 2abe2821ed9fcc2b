import { expect, it } from "vitest";
import { reportPurchase, reportPurchases, reportStuck } from "../../src/cli/purchases-report.ts";

const record = {
  purchase: { id: "pur_1", title: "Storage", status: "grace", status_since: "2026-11-21T12:00:00Z" },
  balance: { available: "0.5", held: "0" },
  deposits: [],
  sweeps: [],
  refunds: [],
  stuck: [{ subject: "purchase/pur_1", step: "Delete the bucket", reason: "locked" }],
  workflows: [],
};

it("says that there is nothing where there is nothing", () => {
  expect(reportPurchases({ purchases: [], next_cursor: null })).toBe("No purchase.");
  expect(reportStuck({ items: [], next_cursor: null })).toContain("Nothing stands still");
});

it("shows where a purchase stands still, and a link only where Temporal's UI is known", () => {
  const shown = reportPurchase(record, [], null);
  expect(shown).toContain("Delete the bucket");
  expect(shown).not.toContain("workflow:");
  expect(reportPurchase(record, [], "http://ui")).toContain("http://ui/namespaces/default/workflows/purchase%2Fpur_1");
});

it("lets no customer's text move the cursor of whoever reads it", () => {
  const line = {
    at: "2026-11-21T12:00:00Z",
    what: "purchase.created",
    ref: "evt_1",
    data: { name: "a\u001b[2Jb\r\nc" },
  };
  const shown = reportPurchase(record, [line], null);
  expect(shown).not.toContain("\u001b[2J");
  expect(shown).not.toContain("\r");
});

import { expect, it } from "vitest";
import { showAction } from "../../../../src/products/purchases/operators/show-action.ts";

it("shows an action with its time as text", () => {
  const action = {
    number: "1",
    requestId: "r",
    subject: "s",
    action: "refund",
    actor: "a",
    note: "n",
    input: {},
    outcome: {},
  };
  expect(showAction({ ...action, actedAt: new Date("2026-11-21T12:00:00Z") })).toMatchObject({
    request_id: "r",
    acted_at: "2026-11-21T12:00:00.000Z",
  });
});

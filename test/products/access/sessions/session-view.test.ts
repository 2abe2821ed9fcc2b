import { expect, it } from "vitest";
import { nanodollars } from "../../../../src/money/nanodollars.ts";
import type { Session } from "../../../../src/products/access/session.ts";
import {
  AccessView,
  SessionView,
  viewAccess,
  viewSession,
} from "../../../../src/products/access/sessions/session-view.ts";

const startedAt = new Date("2026-01-01T12:00:00Z");
const session: Session = {
  id: "acs_1",
  tokenSealed: "sealed",
  merchantId: "mer_1",
  assetId: "ast_1",
  payerNetwork: "eip155:1",
  payer: "0x1",
  status: "active",
  unit: "minute",
  unitSeconds: 60,
  units: 10,
  paid: nanodollars(1_000_000_000n),
  isExtended: false,
  startedAt,
  expiresAt: new Date("2026-01-01T12:10:00Z"),
  endedAt: null,
  eventSeq: 1,
};

it("shows the time that is left at a moment, and neither token nor payer", () => {
  const shown = viewSession(session, new Date("2026-01-01T12:00:30.500Z"));
  expect(SessionView.parse(shown)).toMatchObject({ secondsLeft: 569, minutesLeft: 9.48, paid: "1", isActive: true });
  expect(JSON.stringify(shown)).not.toMatch(/sealed|0x1/);
  const over = viewSession(session, new Date("2026-01-01T12:10:00Z"));
  expect(over).toMatchObject({ secondsLeft: 0, minutesLeft: 0, isBeingPaid: true });
});

it("shows an asset in use, or not", () => {
  const now = new Date("2026-01-01T12:09:00Z");
  expect(AccessView.parse(viewAccess("ast_1", session, now))).toMatchObject({ active: true, minutesLeft: 1 });
  expect(viewAccess("ast_1", null, now)).toMatchObject({ active: false, expiresAt: null, secondsLeft: 0 });
});

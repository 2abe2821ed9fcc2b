import { describe, expect, it } from "vitest";
import {
  decideSession,
  extensionStart,
  GRACE_SECONDS,
  isDue,
  secondsLeft,
} from "../../../../src/products/access/sessions/session-lifecycle.ts";

const END = new Date("2026-01-01T12:00:00.000Z");
const at = (seconds: number) => new Date(END.getTime() + seconds * 1000);
const active = { status: "active", expiresAt: END } as const;
const facts = { session: active, endSetAt: at(-3600), reminded: [], hasPaymentUnderWay: false };

describe("a session that runs", () => {
  it("is looked at again at the next reminder, and at its end after the last", () => {
    expect(decideSession({ ...facts, now: at(-301) })).toEqual({ kind: "run", lookAgainAt: at(-300) });
    expect(decideSession({ ...facts, reminded: [300], now: at(-299) })).toEqual({ kind: "run", lookAgainAt: at(-60) });
    expect(decideSession({ ...facts, reminded: [10], now: at(-9) })).toEqual({ kind: "run", lookAgainAt: END });
  });

  it("is announced to end at five minutes, one minute and ten seconds, each once", () => {
    for (const seconds of [300, 60, 10]) {
      const now = at(-seconds);
      expect(decideSession({ ...facts, now })).toMatchObject({ kind: "remind", secondsBefore: seconds });
      expect(decideSession({ ...facts, reminded: [seconds], now })).toMatchObject({ kind: "run" });
    }
  });

  it("gives only the tightest reminder after it was not looked at for long", () => {
    expect(decideSession({ ...facts, now: at(-5) })).toMatchObject({ kind: "remind", secondsBefore: 10 });
  });

  it("gives no reminder whose moment was before the end was set", () => {
    expect(decideSession({ ...facts, endSetAt: at(-90), now: at(-90) })).toEqual({ kind: "run", lookAgainAt: at(-60) });
  });
});

describe("a session whose time is over", () => {
  it("ends at the very instant", () => {
    expect(decideSession({ ...facts, reminded: [10], now: at(-0.001) }).kind).toBe("run");
    expect(decideSession({ ...facts, now: END })).toEqual({ kind: "end", lookAgainAt: null });
    expect(isDue({ session: active, hasPaymentUnderWay: false, now: at(-0.001) })).toBe(false);
  });

  it("waits for a payment under way, looked at every five seconds and never past the grace", () => {
    const paying = { ...facts, hasPaymentUnderWay: true };
    expect(decideSession({ ...paying, now: at(1) })).toEqual({ kind: "grace", lookAgainAt: at(6) });
    expect(decideSession({ ...paying, now: at(GRACE_SECONDS - 1) })).toEqual({
      kind: "grace",
      lookAgainAt: at(GRACE_SECONDS),
    });
    expect(decideSession({ ...paying, now: at(GRACE_SECONDS) }).kind).toBe("end");
  });

  it("is over when it has ended, whatever the time", () => {
    const over = { ...facts, session: { status: "revoked", expiresAt: END } as const, now: at(-100) };
    expect(decideSession(over)).toEqual({ kind: "over", lookAgainAt: null });
    expect(isDue({ ...over, now: at(100) })).toBe(false);
  });
});

it("counts bought time from the end there was, from now after the grace, and not at all for what has ended", () => {
  expect(extensionStart(active, at(-10))).toEqual(END);
  expect(extensionStart(active, at(GRACE_SECONDS - 1))).toEqual(END);
  expect(extensionStart(active, at(GRACE_SECONDS))).toEqual(at(GRACE_SECONDS));
  expect(extensionStart({ status: "expired", expiresAt: END }, at(1))).toBeNull();
});

it("shows whole seconds left, none after the end and none of what has ended", () => {
  expect(secondsLeft(active, at(-10))).toBe(10);
  expect(secondsLeft(active, at(-0.9))).toBe(0);
  expect(secondsLeft(active, at(5))).toBe(0);
  expect(secondsLeft({ status: "stopped", expiresAt: END }, at(-10))).toBe(0);
});

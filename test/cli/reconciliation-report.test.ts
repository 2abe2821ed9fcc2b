import { describe, expect, it } from "vitest";
import { reportReconciliations } from "../../src/cli/reconciliation-report.ts";
import type { StoredReconciliation } from "../../src/integrations/chains/reconciliation/reconciliation-store.ts";

const sound: StoredReconciliation = {
  chain: "eip155:8453",
  token: "USDC",
  blockNumber: 120,
  status: "sound",
  places: 3,
  expectedUnits: 9_007_199_254_740_993n,
  foundUnits: 9_007_199_254_740_993n,
  underWayUnits: 0n,
  foreignUnits: 0n,
  ledgerNanodollars: 9_007_199_254_740_993_000n,
  driftUnits: 0n,
  drifts: [],
  ranAt: new Date("2026-11-20T12:00:00.000Z"),
};

describe("reportReconciliations", () => {
  it("shows a sound chain in one line, exact beyond what a double holds", () => {
    const { text, json } = reportReconciliations([sound]);
    expect(text).toMatch(/eip155:8453.*USDC.*120.*9007199254740993.*sound/);
    expect(text).not.toContain("place ");
    expect(json).toMatchObject([{ foundUnits: "9007199254740993", drifts: [] }]);
  });

  it("names every place that drifts, with what is booked and what was found", () => {
    const drifts = [{ place: "0xabc", unit: "base_units" as const, expected: 5n, found: 2n }];
    const { text, json } = reportReconciliations([{ ...sound, status: "drift", driftUnits: 3n, drifts }]);
    expect(text).toMatch(/0xabc.*base_units.*5.*2/);
    expect(json).toMatchObject([{ status: "drift", drifts: [{ place: "0xabc", expected: "5", found: "2" }] }]);
  });

  it("says so when nothing was compared yet", () => {
    expect(reportReconciliations([])).toEqual({ text: "No chain was compared with the books yet.", json: [] });
  });
});

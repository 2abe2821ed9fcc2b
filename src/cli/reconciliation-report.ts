import type { StoredReconciliation } from "../integrations/chains/reconciliation/reconciliation-store.ts";
import type { Report } from "./ledger-report.ts";
import { drawTable } from "./table.ts";

const HEAD = [
  "chain",
  "token",
  "compared",
  "block",
  "places",
  "booked",
  "found",
  "under way",
  "foreign",
  "drift",
  "state",
];

/** The latest comparison of every chain and token, and below it every place that does not hold what is booked. */
export function reportReconciliations(runs: readonly StoredReconciliation[]): Report {
  if (runs.length === 0) return { text: "No chain was compared with the books yet.", json: [] };
  const printed = drawTable(
    HEAD,
    runs.map((run) => [
      run.chain,
      run.token,
      run.ranAt.toISOString(),
      `${run.blockNumber}`,
      `${run.places}`,
      `${run.expectedUnits}`,
      `${run.foundUnits}`,
      `${run.underWayUnits}`,
      `${run.foreignUnits}`,
      `${run.driftUnits}`,
      run.status,
    ]),
  );
  const drifts = runs.flatMap((run) =>
    run.drifts.map(({ place, unit, expected, found }) => [
      run.chain,
      run.token,
      place,
      unit,
      `${expected}`,
      `${found}`,
    ]),
  );
  const named = drawTable(["chain", "token", "place", "unit", "booked", "found"], drifts);
  return { text: drifts.length === 0 ? printed : `${printed}\n${named}`, json: asText(runs) };
}

function asText(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? `${inner}` : inner)));
}

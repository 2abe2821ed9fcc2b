import { arrayElements, arrayLiteral, textArrayLiteral } from "./array-literal.ts";
import type { LedgerCommand } from "./command.ts";
import { crossingsByEvent } from "./crossing-columns.ts";
import { type Outcome, POSTED } from "./outcome.ts";
import type { ResolvedCommand } from "./pack-batch.ts";
import { numbered } from "./places.ts";

/** Whether a command is a charge, the shape the hot path takes: one transfer from a customer account to a system account, no words. */
export function isCharge({ command, debits, credits }: ResolvedCommand): boolean {
  const plain = command.operation === "post" && command.detail === undefined;
  return plain && debits.length === 1 && (debits[0] ?? 0) > 0 && (credits[0] ?? 0) < 0;
}

/** post_charges' row; `base` is null where it wrote nothing and each charge has to be decided on its own. */
export type ChargesRow = {
  readonly base: string | null;
  readonly posted_at: Date;
  readonly befores: string | null;
  readonly crossed_events: string | null;
  readonly crossed_names: readonly string[] | null;
};

/** The parameters of post_charges as PostgreSQL text, and the owner of each charge by position from 1. */
export type PackedCharges = {
  readonly parameters: readonly string[];
  readonly commands: readonly ResolvedCommand[];
  readonly owners: readonly number[];
};

const INT8_MAX = 9_223_372_036_854_775_807n;

/** Packs charges, all with usage or all without, with distinct refs. */
export function packCharges(commands: readonly ResolvedCommand[]): PackedCharges {
  const places = numbered(commands.map(debtor));
  const owners = commands.map((resolved) => places.get(debtor(resolved)) ?? 0);
  const amounts = commands.map(({ command }) => amountOf(command));
  const routes = routesOf(commands);
  const parameters = [
    arrayLiteral(commands.map(({ command }) => command.ref)),
    arrayLiteral(commands.map(({ command }) => command.digest)),
    arrayLiteral(owners),
    arrayLiteral(routes.perCharge),
    arrayLiteral(amounts),
    arrayLiteral([...places.keys()]),
    arrayLiteral(totalsOf(owners, amounts, places.size)),
    ...routes.columns,
    ...packUsage(commands),
  ];
  return { parameters, commands, owners };
}

/** Reads one outcome per charge, in order, from a row whose base is not null. */
export function readCharges(packed: PackedCharges, row: ChargesRow): readonly Outcome[] {
  const base = Number(row.base);
  const running = arrayElements(row.befores).map((text) => BigInt(text));
  const crossed = crossingsByEvent(row);
  return packed.commands.map(({ command }, index) => {
    const owner = (packed.owners[index] ?? 0) - 1;
    const balance = (running[owner] ?? 0n) - amountOf(command);
    running[owner] = balance;
    const entryNumber = base + index + 1;
    const thresholdsCrossed = crossed.get(entryNumber) ?? [];
    return { status: POSTED, entryNumber, postedAt: row.posted_at, balance, required: 0n, thresholdsCrossed };
  });
}

function debtor({ debits }: ResolvedCommand): number {
  return debits[0] ?? 0;
}

function amountOf({ transfers }: LedgerCommand): bigint {
  return transfers[0]?.amount ?? 0n;
}

function totalsOf(owners: readonly number[], amounts: readonly bigint[], count: number): readonly bigint[] {
  const totals = new Array<bigint>(count).fill(0n);
  for (const [index, owner] of owners.entries()) totals[owner - 1] = (totals[owner - 1] ?? 0n) + (amounts[index] ?? 0n);
  for (const [index, total] of totals.entries()) if (total > INT8_MAX) totals[index] = INT8_MAX;
  return totals;
}

function routesOf(commands: readonly ResolvedCommand[]): {
  readonly perCharge: readonly number[];
  readonly columns: readonly string[];
} {
  const known = new Map<string, number>();
  const [systems, kinds]: [number[], number[]] = [[], []];
  const units: (string | undefined)[] = [];
  const perCharge = commands.map(({ command: { usage }, kindId, credits }) => {
    const system = credits[0] ?? 0;
    const key = `${system} ${kindId} ${usage?.detail.unit}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    systems.push(system);
    kinds.push(kindId);
    units.push(usage?.detail.unit);
    known.set(key, systems.length);
    return systems.length;
  });
  return { perCharge, columns: [arrayLiteral(systems), arrayLiteral(kinds), textArrayLiteral(units)] };
}

function packUsage(commands: readonly ResolvedCommand[]): readonly string[] {
  const used = commands.flatMap(({ command: { usage } }) => (usage === undefined ? [] : [usage.detail]));
  const absent = "{}";
  const times = used.some(({ occurredAt }) => occurredAt !== undefined);
  const descriptions = used.some(({ description }) => description !== undefined);
  const metadata = used.some((usage) => usage.metadata !== undefined);
  return [
    arrayLiteral(used.map(({ quantity }) => quantity)),
    times ? arrayLiteral(used.map(({ occurredAt }) => occurredAt?.toISOString() ?? null)) : absent,
    descriptions ? textArrayLiteral(used.map(({ description }) => description)) : absent,
    metadata
      ? textArrayLiteral(used.map((usage) => (usage.metadata === undefined ? null : JSON.stringify(usage.metadata))))
      : absent,
  ];
}

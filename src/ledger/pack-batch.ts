import { arrayLiteral, textArrayLiteral } from "./array-literal.ts";
import { type LedgerCommand, OPERATIONS } from "./command.ts";

/** A command with its names resolved: positive even ids are customer accounts, negative ones system accounts. */
export type ResolvedCommand = {
  readonly command: LedgerCommand;
  readonly kindId: number;
  /** Per transfer; 0 stands for the held side of the hold's own account. */
  readonly debits: readonly number[];
  readonly credits: readonly number[];
  /** The customer account its usage belongs to; 0 where there is no usage or the hold knows the account. */
  readonly usageAccount: number;
};

/** The parameters of post_batch as PostgreSQL text, and what is needed to read its answer. */
export type PackedBatch = {
  readonly parameters: readonly string[];
  readonly commands: readonly ResolvedCommand[];
  /** Per command, the position of its first customer account among the locked ones, from 1; 0 without one. */
  readonly firstOwner: readonly number[];
};

type Places = { readonly owners: ReadonlyMap<number, number>; readonly systems: ReadonlyMap<number, number> };

const INT8_MAX = 9_223_372_036_854_775_807n;
const REFUSAL_CROSSES = 16;

/** Whether the command is one transfer from a customer account to a system account, the shape one set-based insert can post. */
export function isPlain({ command, debits, credits }: ResolvedCommand): boolean {
  return command.operation === "post" && debits.length === 1 && (debits[0] ?? 0) > 0 && (credits[0] ?? 0) < 0;
}

/** Packs commands, all plain or all not, for one call of post_batch. Their refs must be distinct. */
export function packBatch(commands: readonly ResolvedCommand[], plain: boolean): PackedBatch {
  const places = placesOf(commands);
  const transfers = packTransfers(commands, places);
  const parameters = [
    plain ? "t" : "f",
    arrayLiteral(commands.map(({ command }) => command.ref)),
    arrayLiteral(commands.map(({ command }) => command.digest)),
    arrayLiteral(commands.map(({ kindId }) => kindId)),
    arrayLiteral(commands.map(({ command }) => operationOf(command))),
    ...packHolds(plain ? [] : commands),
    arrayLiteral([...places.owners.keys()]),
    arrayLiteral(transfers.totals.map((total) => (total > INT8_MAX ? INT8_MAX : total))),
    arrayLiteral([...places.systems.keys()]),
    arrayLiteral(transfers.events),
    arrayLiteral(transfers.from),
    arrayLiteral(transfers.to),
    arrayLiteral(transfers.amounts),
    ...packDetails(commands),
    ...packUsage(commands, places),
  ];
  return { parameters, commands, firstOwner: transfers.firstOwner };
}

function operationOf(command: LedgerCommand): number {
  return OPERATIONS[command.operation] + (command.refusalCrossesThresholds ? REFUSAL_CROSSES : 0);
}

function placesOf(commands: readonly ResolvedCommand[]): Places {
  const ids = new Set<number>();
  for (const { debits, credits, usageAccount } of commands) {
    for (const id of debits) ids.add(id);
    for (const id of credits) ids.add(id);
    ids.add(usageAccount);
  }
  const sorted = [...ids].sort((a, b) => a - b);
  return { owners: numbered(sorted.filter((id) => id > 0)), systems: numbered(sorted.filter((id) => id < 0)) };
}

function numbered(ids: readonly number[]): ReadonlyMap<number, number> {
  return new Map(ids.map((id, index) => [id, index + 1]));
}

function placeOf(id: number, { owners, systems }: Places): number {
  return id > 0 ? (owners.get(id) ?? 0) : -(systems.get(id) ?? 0);
}

function packTransfers(commands: readonly ResolvedCommand[], places: Places) {
  const totals = new Array<bigint>(places.owners.size).fill(0n);
  const [events, from, to, firstOwner]: [number[], number[], number[], number[]] = [[], [], [], []];
  const amounts: bigint[] = [];
  for (const [index, { command, debits, credits }] of commands.entries()) {
    let first = 0;
    for (const [leg, { amount }] of command.transfers.entries()) {
      const debit = placeOf(debits[leg] ?? 0, places);
      const credit = placeOf(credits[leg] ?? 0, places);
      events.push(index + 1);
      from.push(debit);
      to.push(credit);
      amounts.push(amount);
      first ||= Math.max(debit, 0) || Math.max(credit, 0);
      if (debit > 0) totals[debit - 1] = (totals[debit - 1] ?? 0n) + amount;
    }
    firstOwner.push(first);
  }
  return { totals, events, from, to, amounts, firstOwner };
}

function packHolds(commands: readonly ResolvedCommand[]): readonly string[] {
  const holds = commands.map(({ command }) => command.hold);
  return [
    arrayLiteral(
      holds.map((hold, index) => (commands[index]?.command.operation === "authorise" ? null : (hold?.ref ?? null))),
    ),
    arrayLiteral(holds.map((hold) => hold?.expiresAt?.toISOString() ?? null)),
    textArrayLiteral(holds.map((hold) => hold?.purpose)),
  ];
}

function packDetails(commands: readonly ResolvedCommand[]): readonly string[] {
  const details = commands.flatMap(({ command: { detail } }, index) =>
    detail === undefined ? [] : [{ event: index + 1, ...detail }],
  );
  return [
    arrayLiteral(details.map(({ event }) => event)),
    textArrayLiteral(details.map(({ key }) => key)),
    textArrayLiteral(details.map(({ description }) => description)),
    textArrayLiteral(details.map(({ metadata }) => metadata)),
  ];
}

function packUsage(commands: readonly ResolvedCommand[], { owners }: Places): readonly string[] {
  const used = commands.flatMap(({ command: { usage }, usageAccount }, index) =>
    usage === undefined ? [] : [{ ...usage, event: index + 1, owner: owners.get(usageAccount) ?? null }],
  );
  return [
    arrayLiteral(used.map(({ event }) => event)),
    arrayLiteral(used.map(({ owner }) => owner)),
    arrayLiteral(used.map(({ occurredAt }) => occurredAt?.toISOString() ?? null)),
    arrayLiteral(used.map(({ amount }) => amount)),
    arrayLiteral(used.map(({ quantity }) => quantity)),
    textArrayLiteral(used.map(({ unit }) => unit)),
    textArrayLiteral(used.map(({ description }) => description)),
    textArrayLiteral(used.map(({ metadata }) => (metadata === undefined ? null : JSON.stringify(metadata)))),
  ];
}

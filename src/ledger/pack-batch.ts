import { arrayLiteral, textArrayLiteral } from "./array-literal.ts";
import { type LedgerCommand, OPERATIONS } from "./command.ts";
import { numbered } from "./places.ts";

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

type Places = { readonly owners: ReadonlyMap<number, number>; readonly systems: ReadonlyMap<number, number> };

const REFUSAL_CROSSES = 16;

/** The parameters of post_batch as PostgreSQL text. Refs must be distinct. */
export function packBatch(commands: readonly ResolvedCommand[]): readonly string[] {
  const places = placesOf(commands);
  return [
    arrayLiteral(commands.map(({ command }) => command.ref)),
    arrayLiteral(commands.map(({ command }) => command.digest)),
    arrayLiteral(commands.map(({ kindId }) => kindId)),
    arrayLiteral(commands.map(({ command }) => operationOf(command))),
    ...packHolds(commands),
    arrayLiteral([...places.owners.keys()]),
    arrayLiteral([...places.systems.keys()]),
    ...packTransfers(commands, places),
    ...packDetails(commands),
    ...packUsage(commands, places),
  ];
}

function operationOf(command: LedgerCommand): number {
  return OPERATIONS[command.operation] + (command.refusalCrossesThresholds ? REFUSAL_CROSSES : 0);
}

function placesOf(commands: readonly ResolvedCommand[]): Places {
  const ids = commands.flatMap(({ debits, credits, usageAccount }) => [...debits, ...credits, usageAccount]);
  return { owners: numbered(ids.filter((id) => id > 0)), systems: numbered(ids.filter((id) => id < 0)) };
}

function placeOf(id: number, { owners, systems }: Places): number {
  return id > 0 ? (owners.get(id) ?? 0) : -(systems.get(id) ?? 0);
}

function packTransfers(commands: readonly ResolvedCommand[], places: Places): readonly string[] {
  const legs = commands.flatMap(({ command, debits, credits }, index) =>
    command.transfers.map(({ amount }, leg) => ({
      event: index + 1,
      from: placeOf(debits[leg] ?? 0, places),
      to: placeOf(credits[leg] ?? 0, places),
      amount,
    })),
  );
  return [
    arrayLiteral(legs.map(({ event }) => event)),
    arrayLiteral(legs.map(({ from }) => from)),
    arrayLiteral(legs.map(({ to }) => to)),
    arrayLiteral(legs.map(({ amount }) => amount)),
  ];
}

function packHolds(commands: readonly ResolvedCommand[]): readonly string[] {
  const holds = commands.map(({ command }) => command.hold);
  if (holds.every((hold) => hold === undefined)) return ["{}", "{}", "{}"];
  const closing = commands.map(({ command }) => (command.operation === "authorise" ? undefined : command.hold));
  return [
    arrayLiteral(closing.map((hold) => hold?.ref ?? null)),
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
    usage === undefined
      ? []
      : [{ ...usage.detail, amount: usage.amount, event: index + 1, owner: owners.get(usageAccount) ?? null }],
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

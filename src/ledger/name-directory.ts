import type { AccountName } from "./chart-of-accounts.ts";
import type { LedgerCommand } from "./command.ts";
import { UnknownAccount } from "./errors.ts";
import { type Query, resolveNames } from "./ledger-store.ts";
import type { ResolvedCommand } from "./pack-batch.ts";

/** Remembers which id each account name and entry kind has; ids never change. */
export type NameDirectory = {
  /** Resolves from memory; null where a name has to be asked for. */
  readonly recall: (command: LedgerCommand) => ResolvedCommand | null;
  /** Resolves, asking the database for what is missing. Throws {@link UnknownAccount}. */
  readonly resolve: (command: LedgerCommand) => Promise<ResolvedCommand>;
};

type Names = { readonly accounts: Map<string, number>; readonly kinds: Map<string, number> };

const MOST_REMEMBERED = 250_000;

/** A directory over `query`. Simultaneous questions are asked as one. */
export function openNameDirectory(query: Query): NameDirectory {
  const known: Names = { accounts: new Map(), kinds: new Map() };
  let gathering: { readonly commands: LedgerCommand[]; readonly answered: Promise<void> } | null = null;
  const askFor = (command: LedgerCommand): Promise<void> => {
    if (gathering === null) {
      const commands: LedgerCommand[] = [];
      const answered = new Promise((resolve) => setImmediate(resolve)).then(() => {
        gathering = null;
        return learn(query, known, commands);
      });
      gathering = { commands, answered };
    }
    gathering.commands.push(command);
    return gathering.answered;
  };
  const recall = (command: LedgerCommand) => recallFrom(known, command);
  return {
    recall,
    resolve: async (command) => {
      const remembered = recall(command);
      if (remembered !== null) return remembered;
      await askFor(command);
      const found = recall(command);
      if (found === null) throw new UnknownAccount();
      return found;
    },
  };
}

/** Resolves one command without remembering anything, on a transaction that may have opened the account itself. */
export async function resolveOnce(query: Query, command: LedgerCommand): Promise<ResolvedCommand> {
  const names: Names = { accounts: new Map(), kinds: new Map() };
  await learn(query, names, [command]);
  const found = recallFrom(names, command);
  if (found === null) throw new UnknownAccount();
  return found;
}

async function learn(query: Query, known: Names, commands: readonly LedgerCommand[]): Promise<void> {
  if (known.accounts.size > MOST_REMEMBERED) known.accounts.clear();
  const accounts = [...new Set(commands.flatMap(accountsOf))].filter((account) => !known.accounts.has(account));
  const kinds = [...new Set(commands.map(({ kind }) => kind))].filter((kind) => !known.kinds.has(kind));
  const ids = await resolveNames(query, { accounts, kinds });
  for (const [index, account] of accounts.entries()) {
    const id = ids.accounts[index];
    if (id !== null && id !== undefined) known.accounts.set(account, id);
  }
  for (const [index, kind] of kinds.entries()) known.kinds.set(kind, ids.kinds[index] ?? 0);
}

function accountsOf({ transfers, usage }: LedgerCommand): readonly AccountName[] {
  const named = transfers.flatMap(({ debit, credit }) => [debit, credit]);
  return [...named, usage?.account].filter((account) => account !== undefined);
}

function recallFrom(known: Names, command: LedgerCommand): ResolvedCommand | null {
  const kindId = known.kinds.get(command.kind);
  if (kindId === undefined) return null;
  const [debits, credits]: [number[], number[]] = [[], []];
  for (const { debit, credit } of command.transfers) {
    const debitId = idOf(known, debit);
    const creditId = idOf(known, credit);
    if (debitId === undefined || creditId === undefined) return null;
    debits.push(debitId);
    credits.push(creditId);
  }
  const usageAccount = idOf(known, command.usage?.account);
  return usageAccount === undefined ? null : { command, kindId, debits, credits, usageAccount };
}

function idOf(known: Names, account: AccountName | undefined): number | undefined {
  return account === undefined ? 0 : known.accounts.get(account);
}

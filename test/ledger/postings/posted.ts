import { postCommand } from "../../../src/ledger/command.ts";
import type { EntryDraft } from "../../../src/ledger/entry.ts";

/** A draft as one line per transfer, "debit -> credit amount": what an auditor would write down. Refuses an unbalanced one. */
export function posted(draft: EntryDraft): readonly string[] {
  return postCommand(draft).transfers.map(({ debit, credit, amount }) => `${debit} -> ${credit} ${amount}`);
}

import type { Knex } from "knex";
import { z } from "zod";
import type { JsonValue } from "../../errors.ts";
import { canonicalJson } from "../http/idempotency.ts";
import type { OperatorAction } from "../operator-action-store.ts";
import { claimOperatorRequest, recordOperatorAction } from "../operator-action-store.ts";
import { raiseWakes } from "../temporal/wake-store.ts";
import { RequestIdReused } from "./errors.ts";

/** What a repair answers, the first time and every time after. */
export type RepairAnswer = {
  readonly requestId: string;
  readonly subject: string;
  readonly action: string;
  readonly outcome: string;
  readonly data: Readonly<Record<string, JsonValue>>;
  readonly actedAt: string;
};

/** One call of a repair: who does what to which workflow's subject, why, and with which input. */
export type RepairCall = {
  readonly requestId: string;
  readonly subject: string;
  readonly action: string;
  readonly actor: string;
  readonly note: string;
  readonly input: Readonly<Record<string, JsonValue>>;
  /** Do everything, answer, and take it back. */
  readonly isDryRun: boolean;
};

/** What came of the work and which workflows must look again. */
export type RepairWorkDone = {
  readonly text: string;
  readonly data: Readonly<Record<string, JsonValue>>;
  readonly wakes: readonly string[];
};

const Outcome = z.object({ text: z.string(), data: z.record(z.string(), z.json()) });

/** Thrown to take back what was only tried. */
class DryRun extends Error {
  readonly answer: RepairAnswer;
  constructor(answer: RepairAnswer) {
    super("only a dry run");
    this.answer = answer;
  }
}

/**
 * Does the work of a repair once per request id, in one transaction with its audit row and its wakes. Callers with the same id queue;
 * whoever comes after the first is answered from the row. Throws `request_id_reused` when the row is of another repair, and whatever
 * the work throws: then nothing was changed and the id is free.
 */
export async function repairOnce(
  needs: { readonly database: Knex },
  call: RepairCall,
  work: (transaction: Knex.Transaction) => Promise<RepairWorkDone>,
): Promise<RepairAnswer> {
  try {
    return await needs.database.transaction(async (transaction) => {
      const earlier = await claimOperatorRequest(transaction, call.requestId);
      if (earlier !== null) return answerAgain(earlier, call);
      const { text, data, wakes } = await work(transaction);
      const { requestId, subject, action, actor, note, input } = call;
      await recordOperatorAction(transaction, {
        ...{ requestId, subject, action, actor, note, input },
        outcome: { text, data },
      });
      await raiseWakes(transaction, wakes);
      const answer = toAnswer(await claimOperatorRequest(transaction, requestId));
      if (call.isDryRun) throw new DryRun(answer);
      return answer;
    });
  } catch (error) {
    if (error instanceof DryRun) return error.answer;
    throw error;
  }
}

function answerAgain(earlier: OperatorAction, call: RepairCall): RepairAnswer {
  const isSame =
    earlier.action === call.action &&
    earlier.subject === call.subject &&
    canonicalJson(earlier.input) === canonicalJson(call.input);
  if (!isSame) throw new RequestIdReused(earlier);
  return toAnswer(earlier);
}

function toAnswer(action: OperatorAction | null): RepairAnswer {
  if (action === null) throw new Error("a repair was not written down");
  const { text, data } = Outcome.parse(action.outcome);
  return {
    requestId: action.requestId,
    subject: action.subject,
    action: action.action,
    outcome: text,
    data,
    actedAt: action.actedAt.toISOString(),
  };
}

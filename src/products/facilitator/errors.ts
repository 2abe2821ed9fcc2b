import { DomainError } from "../../errors.ts";

/**
 * `settlement_unavailable`: the chain's node or our books do not answer. After a check nothing was moved; after a settlement the outcome
 * is unknown, and asking again with the same payload says it.
 */
export class SettlementUnavailable extends DomainError {
  constructor(cause: unknown) {
    super({
      code: "settlement_unavailable",
      status: 503,
      title: "The chain cannot be asked now",
      detail: "The chain's node or our books do not answer. Ask again with the same payload.",
      cause,
    });
  }
}

/** Runs a call of the facilitator; whatever it fails with that nobody foresaw becomes 503 `settlement_unavailable`. */
export async function orUnavailable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DomainError ? error : new SettlementUnavailable(error);
  }
}

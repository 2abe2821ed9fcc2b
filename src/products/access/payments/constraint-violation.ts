/** Postgres: unique_violation. */
const UNIQUE_VIOLATION = "23505";

/** Whether a statement was refused by the unique index of this name. Its transaction is over: nothing of it was written. */
export function violates(error: unknown, index: string): boolean {
  return violatedIndex(error) === index;
}

/** The unique index that refused a statement; null for any other failure. */
export function violatedIndex(error: unknown): string | null {
  if (!(error instanceof Error) || !("code" in error) || error.code !== UNIQUE_VIOLATION) return null;
  return "constraint" in error && typeof error.constraint === "string" ? error.constraint : null;
}

import { DomainError } from "../../../src/errors.ts";

/** The code a call is refused with, and its `reason` behind a colon where there is one; "accepted" when it is not refused. */
export function codeOf(call: () => unknown): string {
  try {
    call();
    return "accepted";
  } catch (error) {
    return nameOf(error);
  }
}

/** The same for a call that answers later. */
export async function codeOfLater(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "accepted",
    (error: unknown) => nameOf(error),
  );
}

function nameOf(error: unknown): string {
  if (!(error instanceof DomainError)) throw error;
  const { reason } = error.members;
  return typeof reason === "string" ? `${error.code}: ${reason}` : error.code;
}

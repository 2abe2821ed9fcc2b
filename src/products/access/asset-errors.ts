import { DomainError } from "../../errors.ts";

/** A `session` lasts what its asset declares, and no other unit has a length of its own. */
export class SessionLengthInvalid extends DomainError {
  constructor(detail: string) {
    super({ code: "session_length_invalid", status: 400, title: "Session length invalid", detail });
  }
}

/** The metadata is too long as the database keeps it: with a blank after each comma and colon, and numbers without exponents. */
export class MetadataTooLarge extends DomainError {
  constructor(input: { readonly bytes: number; readonly limitBytes: number }) {
    super({
      code: "metadata_too_large",
      status: 400,
      title: "Metadata too large",
      detail: `The metadata takes ${input.bytes} bytes; at most ${input.limitBytes} are kept.`,
      members: input,
    });
  }
}

import { DomainError } from "../../errors.ts";

/** `outbound_address_refused`: the address may not be called at all (scheme, credentials in it, a private or special network). */
export class OutboundAddressRefused extends DomainError {
  constructor(reason: string) {
    super({
      code: "outbound_address_refused",
      status: 422,
      title: "This address may not be called",
      detail: `The address may not be called: ${reason}.`,
      members: { reason },
    });
  }
}

/** `outbound_response_too_large`: the answer was longer than we read. What it asked for may have happened. */
export class OutboundResponseTooLarge extends DomainError {
  constructor(init: { readonly host: string; readonly maxBytes: number }) {
    super({
      code: "outbound_response_too_large",
      status: 422,
      title: "The answer was too long",
      detail: `${init.host} answered more than ${init.maxBytes} bytes.`,
    });
  }
}

/** `outbound_unreachable`: no name, no connection, or no complete answer in time. Trying again later may succeed. */
export class OutboundUnreachable extends DomainError {
  constructor(init: { readonly host: string; readonly reason: string; readonly cause?: unknown }) {
    super({
      code: "outbound_unreachable",
      status: 503,
      title: "The other server cannot be reached",
      detail: `${init.host} cannot be reached: ${init.reason}.`,
      cause: init.cause,
    });
  }
}

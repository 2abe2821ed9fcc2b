import { DomainError } from "../../errors.ts";

/** A payment header is not what its protocol says it is. `detail` says what is wrong with it; nothing was settled. */
export class PaymentHeaderMalformed extends DomainError {
  constructor(detail: string) {
    super({ code: "payment_header_malformed", status: 400, title: "Payment header malformed", detail });
  }
}

/** A request carries more than one payment. Which of them was meant cannot be known, so none is taken. */
export class SeveralPaymentHeaders extends DomainError {
  constructor(names: readonly string[]) {
    super({
      code: "several_payment_headers",
      status: 400,
      title: "Several payments in one request",
      detail: `Send one payment: this request has ${names.join(" and ")}. None of them was settled.`,
    });
  }
}

/** The protocol version inside a payment is not the one of the header it came in. */
export class X402VersionMismatch extends DomainError {
  constructor(header: string, expected: number) {
    super({
      code: "x402_version_mismatch",
      status: 400,
      title: "x402 version mismatch",
      detail: `${header} carries payments of x402Version ${expected}. Nothing was settled.`,
      members: { expected },
    });
  }
}

/** A well-formed payment whose signed part cannot pay here. `reason` is permanent and says why; nothing was settled. */
export class PaymentPayloadInvalid extends DomainError {
  constructor(reason: string, detail: string) {
    super({
      code: "payment_payload_invalid",
      status: 400,
      title: "Payment payload invalid",
      detail,
      members: { reason },
    });
  }
}

/** The payment-identifier extension of a payment does not hold an identifier. */
export class PaymentIdentifierInvalid extends DomainError {
  constructor() {
    super({
      code: "payment_identifier_invalid",
      status: 400,
      title: "Payment identifier invalid",
      detail: "extensions.payment-identifier.info.id must be 16 to 128 characters of A-Z, a-z, 0-9, _ and -.",
    });
  }
}

/** A SIGN-IN-WITH-X header that proves nothing here. `reason` is permanent. */
export class SignInInvalid extends DomainError {
  constructor(reason: string, detail: string) {
    super({ code: "sign_in_invalid", status: 401, title: "Sign-in invalid", detail, members: { reason } });
  }
}

/** The challenge that was signed is too old. A new one is in every 402. */
export class SignInExpired extends DomainError {
  constructor() {
    super({
      code: "sign_in_expired",
      status: 401,
      title: "Sign-in expired",
      detail: "The challenge that was signed has expired. Take a new one from a 402 answer and sign that.",
    });
  }
}

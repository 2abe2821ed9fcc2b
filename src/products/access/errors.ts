import { DomainError } from "../../errors.ts";

/** No asset has this id, or it is another merchant's: both look the same to the caller. */
export class AssetNotFound extends DomainError {
  constructor() {
    super({ code: "asset_not_found", status: 404, title: "Asset not found", detail: "No asset has this id." });
  }
}

/** No session has this token. It is a capability, so a wrong one and a missing one look the same. */
export class SessionNotFound extends DomainError {
  constructor() {
    super({ code: "session_not_found", status: 404, title: "Session not found", detail: "No session has this token." });
  }
}

/** No payment has this id. */
export class PaymentNotFound extends DomainError {
  constructor() {
    super({ code: "payment_not_found", status: 404, title: "Payment not found", detail: "No payment has this id." });
  }
}

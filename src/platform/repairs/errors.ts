import { DomainError } from "../../errors.ts";

/** The repair's input has the wrong shape. Nothing was changed. `issues` lists each wrong member. */
export class InvalidRepair extends DomainError {
  constructor(issues: readonly { readonly path: string; readonly message: string }[]) {
    const [first] = issues;
    const detail = first === undefined ? "The repair has the wrong shape." : `${first.path}: ${first.message}`;
    super({ code: "invalid_repair", status: 400, title: "Invalid repair", detail, members: { issues } });
  }
}

/** The request id belongs to another repair. Nothing was changed. */
export class RequestIdReused extends DomainError {
  constructor(earlier: { readonly action: string; readonly subject: string }) {
    super({
      code: "request_id_reused",
      status: 409,
      title: "Request id reused",
      detail: `This request id was used for ${earlier.action} on ${earlier.subject} with other input. Use a new one.`,
      members: { action: earlier.action, subject: earlier.subject },
    });
  }
}

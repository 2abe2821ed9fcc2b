import { DomainError, type JsonValue } from "../../errors.ts";

/** What every storage failure carries: a sentence without secrets, the bucket it is about, and the cause for our own logs. */
export type StorageErrorInit = {
  readonly detail: string;
  readonly members?: Readonly<Record<string, JsonValue>>;
  readonly cause?: unknown;
};

/**
 * A failure of the object store or of its user administration. `retryable` is true when the same step, run again later, may
 * succeed; the others need an operator. Status 5xx means exactly that everywhere, so activities retry these and no others.
 */
export abstract class StorageError extends DomainError {
  get retryable(): boolean {
    return this.status >= 500;
  }
}

/** `storage_unavailable`: unreachable, slow, throttling, or not yet consistent. Nothing is lost: run the step again. */
export class StorageUnavailable extends StorageError {
  constructor(init: StorageErrorInit) {
    super({ code: "storage_unavailable", status: 503, title: "The object store cannot be reached", ...init });
  }
}

/** `bucket_not_empty`: something was written between emptying and deleting. Empty again, then delete again. */
export class BucketNotEmpty extends StorageError {
  constructor(init: StorageErrorInit) {
    super({ code: "bucket_not_empty", status: 503, title: "The bucket still holds objects", ...init });
  }
}

/** `access_denied`: the store refused our own credentials for this call. Final until an operator changes the permissions. */
export class StorageAccessDenied extends StorageError {
  constructor(init: StorageErrorInit) {
    super({ code: "access_denied", status: 403, title: "The object store refused our credentials", ...init });
  }
}

/** `bucket_name_taken`: the name belongs to another account or another purchase. Nothing of it was touched. */
export class BucketNameTaken extends StorageError {
  constructor(init: StorageErrorInit) {
    super({ code: "bucket_name_taken", status: 409, title: "The bucket belongs to somebody else", ...init });
  }
}

/** `storage_user_taken`: a user of that name exists and was not made for this purchase. It was not touched. */
export class StorageUserTaken extends StorageError {
  constructor(init: StorageErrorInit) {
    super({ code: "storage_user_taken", status: 409, title: "The storage user belongs to somebody else", ...init });
  }
}

/**
 * `object_locked`: members `lockedObjects` (count) and `exampleKeys` (at most 10) are under retention or legal hold; `retainUntil` is the
 * latest end of retention, null without any, `legalHolds` how many wait for somebody to lift them.
 */
export class ObjectLocked extends StorageError {
  constructor(init: StorageErrorInit) {
    super({
      code: "object_locked",
      status: 409,
      title: "The bucket holds objects that may not be deleted yet",
      ...init,
    });
  }
}

/** `bucket_exposed`: the bucket can be read by anybody and the server has no way to forbid it. Final: an operator must look. */
export class BucketExposed extends StorageError {
  constructor(init: StorageErrorInit) {
    super({ code: "bucket_exposed", status: 409, title: "The bucket is readable by the public", ...init });
  }
}

/** `storage_request_refused`: the store calls our request wrong (4xx). Retrying sends the same request: final. */
export class StorageRequestRefused extends StorageError {
  constructor(init: StorageErrorInit) {
    super({ code: "storage_request_refused", status: 422, title: "The object store refused the request", ...init });
  }
}

/** The key service did not do what it was asked: no right to the key, no such key, or not reachable. Retry, or look at the key's policy. */
export class KeyServiceUnavailable extends DomainError {
  constructor(action: string, reason: string) {
    super({
      code: "key_service_unavailable",
      status: 503,
      title: "Key service unavailable",
      detail: `The key service refused to ${action}: ${reason}.`,
    });
  }
}

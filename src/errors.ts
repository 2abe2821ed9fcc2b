/** Values that survive JSON without loss; money travels as decimal strings, never as numbers. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** What a failure says to the caller. `detail` and `members` are public: no secrets, no internals. */
export type DomainErrorInit = {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly members?: Readonly<Record<string, JsonValue>>;
  readonly cause?: unknown;
};

/**
 * An expected failure with a permanent snake_case `code`. HTTP renders it as problem+json (RFC 9457), Temporal carries the
 * same code as the failure type. A broken invariant is a plain `Error` instead, and becomes a 500.
 */
export class DomainError extends Error {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly members: Readonly<Record<string, JsonValue>>;

  constructor(init: DomainErrorInit) {
    super(init.detail, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = new.target.name;
    this.code = init.code;
    this.status = init.status;
    this.title = init.title;
    this.members = init.members ?? {};
  }
}

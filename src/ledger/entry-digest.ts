import { hash } from "node:crypto";
import type { JsonValue } from "../errors.ts";
import type { EntryDraft } from "./entry.ts";

/** The uuid an idempotency key always gives: the first 16 bytes of its SHA-256, as 32 hex digits. Time plays no part in it. */
export function refOf(idempotencyKey: string): string {
  return hash("sha256", idempotencyKey, "hex").slice(0, 32);
}

/** The digest that tells two inputs under one key apart: 16 bytes of SHA-256 over everything the caller said, as hex. */
export function digestOf(draft: Omit<EntryDraft, "idempotencyKey" | "refusalCrossesThresholds">): string {
  let said: string = draft.kind;
  if (draft.sameInputAs !== undefined) {
    said += `\0${canonicalJson(draft.sameInputAs)}`;
  } else {
    for (const { account, side, amount } of draft.postings) said += `\0${side} ${account} ${amount}`;
  }
  said += `\0${draft.description ?? ""}\0${draft.metadata === undefined ? "" : canonicalJson(draft.metadata)}`;
  const { usage } = draft;
  if (usage !== undefined) {
    const time = usage.occurredAt === undefined ? "" : usage.occurredAt.getTime();
    const metadata = usage.metadata === undefined ? "" : canonicalJson(usage.metadata);
    said += `\0${usage.quantity} ${usage.unit}\0${time}\0${usage.description ?? ""}\0${metadata}`;
  }
  return hash("sha256", said, "hex").slice(0, 32);
}

/** JSON with its keys in one order, so equal objects give equal text. */
export function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_key, inner: JsonValue) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

import { hash } from "node:crypto";
import type { JsonValue } from "../errors.ts";
import type { EntryDraft, UsageDetail } from "./entry.ts";

/** The uuid an idempotency key always gives: the first 16 bytes of its SHA-256, as 32 hex digits. Time plays no part in it. */
export function refOf(idempotencyKey: string): string {
  return hash("sha256", idempotencyKey, "hex").slice(0, 32);
}

/** The digest that tells two inputs under one key apart: 16 bytes of SHA-256 over everything the caller said, as hex. */
export function digestOf(draft: Omit<EntryDraft, "idempotencyKey" | "refusalCrossesThresholds">): string {
  const { kind, sameInputAs, postings, description = "", metadata, usage } = draft;
  if (sameInputAs !== undefined) return digestOfInput(kind, sameInputAs);
  let said: string = kind;
  for (const { account, side, amount } of postings) said += `\0${side} ${account} ${amount}`;
  said += `\0${description}\0${metadata === undefined ? "" : canonicalJson(metadata)}`;
  if (usage !== undefined) said += usageText(usage);
  return hash("sha256", said, "hex").slice(0, 32);
}

/** {@link digestOf} for an input that is not made of postings. */
export function digestOfInput(kind: string, input: JsonValue): string {
  return hash("sha256", `${kind}\0${canonicalJson(input)}`, "hex").slice(0, 32);
}

/** Usage as one text, equal for equal usage. */
export function usageText({ quantity, unit, occurredAt, description = "", metadata }: UsageDetail): string {
  const words = metadata === undefined ? "" : canonicalJson(metadata);
  return `\0${quantity} ${unit}\0${occurredAt === undefined ? "" : occurredAt.getTime()}\0${description}\0${words}`;
}

/** JSON with its keys in one order, so equal objects give equal text. */
function canonicalJson(value: JsonValue): string {
  return JSON.stringify(value, (_key, inner: JsonValue) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

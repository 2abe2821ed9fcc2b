import type { SearchAttributeUpdatePair } from "@temporalio/common";
import { defineSearchAttributeKey } from "@temporalio/common";
import type { StuckReport } from "./contracts.ts";
import { readDeadline } from "./waiting.ts";

const purchaseStatus = defineSearchAttributeKey("PurchaseStatus", "KEYWORD");
const accountId = defineSearchAttributeKey("AccountId", "KEYWORD");
const chainName = defineSearchAttributeKey("Chain", "KEYWORD");
const stuckReason = defineSearchAttributeKey("StuckReason", "KEYWORD");
const needsReview = defineSearchAttributeKey("NeedsReview", "BOOL");
const expiresAt = defineSearchAttributeKey("ExpiresAt", "DATETIME");

const KEYWORD_LIMIT = 200;

/** What a workflow is about, for search. */
export type DeskFacts = { readonly accountId?: string; readonly chain?: string };

/** What a workflow shows after each decision: its status, plain words in Markdown, and an ISO deadline if one runs. */
export type DeskView = { readonly status: string; readonly details: string; readonly deadline: string | null };

/** The search attributes that never change. */
export function factAttributes(facts: DeskFacts): SearchAttributeUpdatePair[] {
  const pairs: SearchAttributeUpdatePair[] = [];
  if (facts.accountId !== undefined) pairs.push({ key: accountId, value: facts.accountId });
  if (facts.chain !== undefined) pairs.push({ key: chainName, value: facts.chain });
  return pairs;
}

/** The search attributes of what is shown. */
export function viewAttributes(view: DeskView): SearchAttributeUpdatePair[] {
  return [
    { key: purchaseStatus, value: shorten(view.status, KEYWORD_LIMIT) },
    { key: expiresAt, value: readDeadline(view.deadline) },
  ];
}

/** The search attributes of being stuck, or of not being stuck: StuckReason is the failure's permanent code. */
export function stuckAttributes(stuck: StuckReport | null): SearchAttributeUpdatePair[] {
  return [
    { key: needsReview, value: stuck !== null },
    { key: stuckReason, value: stuck === null ? null : shorten(stuck.code, KEYWORD_LIMIT) },
  ];
}

/** What an operator reads first when a workflow is stuck, in Markdown. */
export function describeStuck(stuck: StuckReport): string {
  return `**Needs review** since ${stuck.since}\n\n- step: ${stuck.step}\n- reason: ${stuck.reason}\n- next: ${stuck.nextAction}`;
}

/** A text cut to `limit` characters, so that what is carried and shown stays small. */
export function shorten(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 3)}...`;
}

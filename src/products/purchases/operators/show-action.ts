import type { OperatorAction } from "../../../platform/operator-action-store.ts";

/** An operator's action on the wire. */
export function showAction(action: OperatorAction) {
  return {
    number: action.number,
    request_id: action.requestId,
    subject: action.subject,
    action: action.action,
    actor: action.actor,
    note: action.note,
    input: action.input,
    outcome: action.outcome,
    acted_at: action.actedAt.toISOString(),
  };
}

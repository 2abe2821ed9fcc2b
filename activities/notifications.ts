import type { NoticeNeeds } from "../src/products/purchases/notices.ts";
import { deliverEvent } from "../src/products/purchases/notices.ts";

/** What the notice activities need. */
export type NoticeActivityNeeds = NoticeNeeds;

/** Tells listeners what happened. */
export function noticeActivities(needs: NoticeActivityNeeds) {
  return { deliverNotice: (input: { readonly eventId: string }): Promise<string> => deliverEvent(needs, input) };
}

import type { DeliverySlots } from "../src/integrations/notifications/delivery-slots.ts";
import { openDeliverySlots } from "../src/integrations/notifications/delivery-slots.ts";
import type { GiveUpInput } from "../src/integrations/notifications/give-up.ts";
import { giveUpDelivery } from "../src/integrations/notifications/give-up.ts";
import type { MailNeeds } from "../src/products/purchases/notices/mail-event.ts";
import { mailEvent } from "../src/products/purchases/notices/mail-event.ts";
import type { NoticeNeeds } from "../src/products/purchases/notices/notices.ts";
import { deliverEvent } from "../src/products/purchases/notices/notices.ts";
import type { OfficexNeeds } from "../src/products/purchases/notices/tell-officex.ts";
import { noticeOfficex, updateOfficex } from "../src/products/purchases/notices/tell-officex.ts";

/** What the notice activities need; the slots are this process's own unless a test brings some. */
export type NoticeActivityNeeds = Omit<NoticeNeeds & OfficexNeeds & MailNeeds, "slots"> & {
  readonly slots?: DeliverySlots;
};

type About = { readonly eventId: string };

/** Tells listeners, organisations and customers what happened; each attempt leaves a line in the delivery log. */
export function noticeActivities(given: NoticeActivityNeeds) {
  const needs = { ...given, slots: given.slots ?? openDeliverySlots() };
  return {
    deliverNotice: (input: About): Promise<string> => deliverEvent(needs, input),
    updateOfficex: (input: About): Promise<string> => updateOfficex(needs, input),
    noticeOfficex: (input: About): Promise<string> => noticeOfficex(needs, input),
    mailEvent: (input: About): Promise<string> => mailEvent(needs, input),
    giveUpDelivery: (input: GiveUpInput): Promise<string> => giveUpDelivery(needs, input),
  };
}

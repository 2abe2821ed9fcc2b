import type { AttemptNeeds } from "../../../integrations/notifications/attempt-delivery.ts";
import { attemptDelivery } from "../../../integrations/notifications/attempt-delivery.ts";
import type { Mailer } from "../../../integrations/notifications/mail.ts";
import { mailText } from "./mail-texts.ts";
import type { TellingVendor } from "./told-purchase.ts";
import { readTold } from "./told-purchase.ts";

/** What a mail needs; without a mailer events are only recorded. */
export type MailNeeds = AttemptNeeds & { readonly vendor: TellingVendor; readonly mailer: Mailer | null };

/**
 * Mails an event to the address the customer gave at checkout. At least once: a worker that dies between the server's yes and our own note
 * sends it again, under the same Message-ID. Answers what became of it in words. Throws `notice_not_taken` and `destination_busy`, both
 * tried again.
 */
export async function mailEvent(needs: MailNeeds, input: { readonly eventId: string }): Promise<string> {
  const told = await readTold(needs.database, input.eventId);
  if (told === null) return "unknown";
  const { mailer, vendor } = needs;
  const destination = mailer?.host ?? null;
  return attemptDelivery(needs, { eventId: told.event.id, channel: "email", destination }, async () => {
    const mail = mailText(vendor, told);
    const { email } = told.checkout;
    if (mail === null || email === null)
      return { outcome: "not_mailed", isFinal: true, text: "recorded (nobody is mailed about this)" };
    if (mailer === null)
      return { outcome: "not_configured", isFinal: true, text: "recorded (no mail server is configured)" };
    return mailer.send({ id: told.event.id, to: email, ...mail });
  });
}

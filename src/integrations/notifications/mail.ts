import { createTransport } from "nodemailer";
import { z } from "zod";
import type { Verdict } from "./attempt-delivery.ts";

const CONNECT_MS = 8_000;
const IDLE_MS = 10_000;

/** One plain-text mail. `id` becomes the Message-ID, so the same mail sent twice can be recognised as one. */
export type Mail = { readonly id: string; readonly to: string; readonly subject: string; readonly text: string };

/** A mail server that takes our mails. `host` is its name and port. */
export type Mailer = { readonly host: string; readonly send: (mail: Mail) => Promise<Verdict> };

/** What nodemailer adds to its errors: its own word for the stage, and the server's number. */
const SmtpFailure = z.object({ code: z.string().optional(), responseCode: z.number().optional() });

/** One address and nothing else: no name, no list, no line break. */
const MAIL_ADDRESS = z.email().max(254);

/**
 * Opens the operator's mail server, `smtp://user:password@host:port` or `smtps://`. STARTTLS is used where it is offered. Each mail opens
 * and closes its own connection. `send` never throws for what the server does: a mailbox it refuses is final, everything else is tried
 * again; what the server said is never kept, only its number, for it may quote addresses.
 */
export function openMailer(settings: { readonly url: string; readonly from: string }): Mailer {
  const { url, from } = settings;
  const { host } = new URL(url);
  const domain = /@([a-z0-9.-]+)>?$/i.exec(from)?.[1] ?? "localhost";
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: IDLE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    host,
    send: async (mail) => {
      if (!MAIL_ADDRESS.safeParse(mail.to).success)
        return { outcome: "address_not_usable", isFinal: true, text: "not sent: this is no mail address" };
      try {
        await transport.sendMail({
          from,
          // An object is one address, whatever is in it; a text would be read as a list.
          to: { name: "", address: mail.to },
          subject: mail.subject,
          text: mail.text,
          messageId: `<${mail.id}@${domain}>`,
          headers: { "Auto-Submitted": "auto-generated" },
        });
        return { outcome: "delivered", isFinal: true, text: "handed to the mail server" };
      } catch (error) {
        return describeFailure(error);
      }
    },
  };
}

function describeFailure(error: unknown): Verdict {
  const { code = "no answer", responseCode } = SmtpFailure.catch({}).parse(error);
  if (responseCode === undefined)
    return { outcome: "mail_unreachable", isFinal: false, text: `The mail server did not take it: ${code}.` };
  // A login it refuses is the operator's to repair; a mailbox or a message it refuses stays refused.
  const isRefused = responseCode >= 500 && (code === "EENVELOPE" || code === "EMESSAGE");
  const status = responseCode;
  if (isRefused) return { outcome: "refused", isFinal: true, status, text: `refused by the mail server (${status})` };
  return { outcome: "not_taken", isFinal: false, status, text: `The mail server answered ${status}.` };
}

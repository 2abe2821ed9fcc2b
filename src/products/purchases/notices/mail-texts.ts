import { formatDollars } from "../../../money/nanodollars.ts";
import type { PurchaseEvent } from "../event-store.ts";
import type { TellingVendor, ToldPurchase } from "./told-purchase.ts";
import { billingUrl } from "./told-purchase.ts";

const LONGEST_SUBJECT = 150;

/** A mail as it is sent: plain text, one-line subject. */
export type MailText = { readonly subject: string; readonly text: string };

type Situation = ToldPurchase & { readonly event: PurchaseEvent };

/** What an event is about in a few words, what it means, and whether a top-up would help. */
type Template = {
  readonly subject: string;
  readonly lines: (situation: Situation) => readonly string[];
  readonly offersTopUp: boolean;
};

const TEMPLATES: Readonly<Partial<Record<string, Template>>> = {
  "purchase.active": {
    subject: "is ready",
    lines: () => ["Your purchase is set up and ready to use.", "Its usage is paid from its balance."],
    offersTopUp: true,
  },
  "purchase.balance_low": {
    subject: "has a low balance",
    lines: (at) => [
      `The balance fell to ${stated(at)} USD, at or below the level you are told at (${crossed(at)} USD).`,
    ],
    offersTopUp: true,
  },
  "purchase.balance_critical": {
    subject: "has a critical balance",
    lines: (at) => [
      `The balance fell to ${stated(at)} USD, at or below the critical level (${crossed(at)} USD).`,
      `At ${formatDollars(at.purchase.triggers.termination)} USD the purchase is out of balance and its end begins.`,
    ],
    offersTopUp: true,
  },
  "purchase.balance_exhausted": {
    subject: "is out of balance",
    lines: (at) => [`The balance fell to ${stated(at)} USD.`, deadline(at)],
    offersTopUp: true,
  },
  "purchase.grace_reminder": {
    subject: "is still out of balance",
    lines: (at) => ["This is a reminder.", deadline(at)],
    offersTopUp: true,
  },
  "purchase.grace_extended": {
    subject: "got more time",
    lines: (at) => ["You got more time to top up.", deadline(at)],
    offersTopUp: true,
  },
  "purchase.suspended": {
    subject: "is read-only",
    lines: () => ["The balance is critical, so what you bought can be read and not written until a top-up."],
    offersTopUp: true,
  },
  "purchase.resumed": {
    subject: "can be written again",
    lines: () => ["Your top-up arrived. Everything works as before."],
    offersTopUp: false,
  },
  "purchase.recovered": {
    subject: "is in balance again",
    lines: () => ["Your top-up arrived in time. Nothing is deleted; everything goes on."],
    offersTopUp: false,
  },
  "purchase.deposit_reversed": {
    subject: "lost a deposit",
    lines: (at) => [
      `A deposit that was credited (${at.event.data.transaction_hash}) is no longer part of its chain: the credit was taken back.`,
      "If the transfer comes back, it is credited again.",
    ],
    offersTopUp: true,
  },
  "purchase.deposit_in_suspense": {
    subject: "got a deposit that could not be credited",
    lines: (at) => [
      `A deposit arrived that is not accepted here (${at.event.data.reason}). It is kept apart; reading the purchase says what can be done.`,
    ],
    offersTopUp: false,
  },
  "purchase.cancelled": {
    subject: "is cancelled",
    lines: () => ["You cancelled this purchase. Access ends, and everything is deleted."],
    offersTopUp: false,
  },
  "purchase.terminating": {
    subject: "ends now",
    lines: () => ["Access is revoked and everything is being deleted. This cannot be undone."],
    offersTopUp: false,
  },
  "purchase.terminated": {
    subject: "has ended",
    lines: (at) => [
      "Everything that was stored for this purchase is deleted.",
      `${stated(at)} USD were left when it ended.`,
    ],
    offersTopUp: false,
  },
  "purchase.refunding": {
    subject: "is being refunded",
    lines: (at) => [
      `${at.event.data.amount} USD go back to where the deposits came from; you are told when they have arrived.`,
      ...keptLine(at),
    ],
    offersTopUp: false,
  },
  "purchase.refunded": {
    subject: "was refunded",
    lines: (at) => [
      `${at.event.data.amount ?? "What was left"} USD went back to where the deposits came from.`,
      ...keptLine(at),
    ],
    offersTopUp: false,
  },
  "purchase.deletion_blocked": {
    subject: "cannot be deleted yet",
    lines: (at) => [
      "Some objects are locked against deletion, as you set it; they are deleted once their locks end.",
      `Known end of the locks: ${at.event.data.retain_until ?? "none, a legal hold"}. Access has ended already.`,
    ],
    offersTopUp: false,
  },
  "purchase.customer_key_replaced": {
    subject: "has a new customer key",
    lines: () => ["The vendor replaced your customer key. If you did not ask for that, tell the vendor at once."],
    offersTopUp: false,
  },
};

/** True for the events a customer gets a mail about; every other is told by webhook and OfficeX only. */
export function isMailed(type: string): boolean {
  return Object.hasOwn(TEMPLATES, type);
}

/**
 * The mail about an event, in plain words with exact amounts and UTC times; null for an event nobody is mailed about. The deposit address
 * is the one this server made for the checkout, never one out of a list of past payments, which anybody can write into. Pure.
 */
export function mailText(vendor: TellingVendor, situation: Situation): MailText | null {
  const template = isMailed(situation.event.type) ? TEMPLATES[situation.event.type] : undefined;
  if (template === undefined) return null;
  const { purchase, event } = situation;
  const link = billingUrl(vendor, purchase.id);
  const paragraphs = [
    `${purchase.title} (${purchase.id})`,
    [`At ${event.occurredAt.toISOString()}:`, ...template.lines(situation)].join("\n"),
    ...(template.offersTopUp ? [topUp(situation)] : []),
    [
      ...(link === null ? [] : [`Details, with your customer key: ${link}`]),
      ...(vendor.supportUrl === null ? [] : [`Help: ${vendor.supportUrl}`]),
    ].join("\n"),
    `${oneLine(vendor.name)}\nThis message may reach you twice; both are then the same (${event.id}).`,
  ];
  return {
    subject: oneLine(`${purchase.title} ${template.subject}`).slice(0, LONGEST_SUBJECT),
    text: `${paragraphs.filter((paragraph) => paragraph !== "").join("\n\n")}\n`,
  };
}

function keptLine({ event }: Situation): readonly string[] {
  const kept = String(event.data.kept ?? "0");
  return kept === "0" ? [] : [`${kept} USD stay in the balance: no deposit can carry them back.`];
}

function topUp({ checkout, balance }: Situation): string {
  return [
    `The balance is ${formatDollars(balance)} USD as this is written. To top up, send ${checkout.token} on ${checkout.chain} to`,
    checkout.depositAddress,
    `Send only ${checkout.token} on ${checkout.chain}; every confirmed deposit is credited.`,
  ].join("\n");
}

/** The balance the event speaks of, which may not be today's. */
function stated({ event, balance }: Situation): string {
  return String(event.data.balance ?? formatDollars(balance));
}

/** The level as it was when it was crossed; a customer may have set another since. */
function crossed({ event, purchase }: Situation): string {
  const { low, critical } = purchase.triggers;
  return String(event.data.trigger ?? formatDollars(event.type === "purchase.balance_low" ? low : critical));
}

function deadline({ event, purchase }: Situation): string {
  const until = event.data.grace_ends_at ?? purchase.graceEndsAt?.toISOString();
  if (until === undefined) return "Without a top-up everything is deleted when the time of grace ends.";
  return `Everything is deleted at ${until} unless a top-up is confirmed before.`;
}

/** Header lines end at a line break, so a title has none. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();
}

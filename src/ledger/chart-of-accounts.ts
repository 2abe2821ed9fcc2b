declare const name: unique symbol;

/** The name of an account, such as "purchase/pur_1". Minted only in this file, so no account name is ever put together by hand. */
export type AccountName = string & { readonly [name]: "account" };

/** Which side makes an account grow: assets and expenses grow by debits, liabilities and revenue by credits. */
export type Side = "debit" | "credit";

/** A customer account has a balance row and a floor; a system account is only the sum of its postings, so nothing waits for it. */
type AccountClass = { readonly normalSide: Side; readonly materialised: boolean };

const customer: AccountClass = { normalSide: "credit", materialised: true };
const asset: AccountClass = { normalSide: "debit", materialised: false };
const expense: AccountClass = { normalSide: "debit", materialised: false };
const liability: AccountClass = { normalSide: "credit", materialised: false };
const equity: AccountClass = { normalSide: "credit", materialised: false };
const revenue: AccountClass = { normalSide: "credit", materialised: false };

const classes: Readonly<Record<string, AccountClass>> = {
  purchase: customer,
  tenant: customer,
  credit: customer,
  merchant: customer,
  payer: customer,
  grant: customer,
  held: customer,
  "deposit-wallet": asset,
  "sweep-in-transit": asset,
  treasury: asset,
  "settlement-wallet": asset,
  "gas-tank": asset,
  "stripe-clearing": asset,
  receivable: asset,
  "payout-in-transit": liability,
  suspense: liability,
  "upstream-payable": liability,
  "owner-funds": equity,
  revenue,
  "platform-fee": revenue,
  "network-cost": expense,
  "cost-of-goods": expense,
  promotions: expense,
  "bad-debt": expense,
};

const PART = /^[A-Za-z0-9][A-Za-z0-9._:@+-]{0,127}$/;

/**
 * The chart of accounts: one function for every kind of account there is. Ids are 1 to 128 of letters, digits and `._:@+-`;
 * anything else is a broken invariant and throws `RangeError`, since ids are validated where they enter.
 */
export const accounts = {
  /** What we owe the holder of a purchase (seed 000). */
  purchase: (purchaseId: string) => mint("purchase", purchaseId),
  /** What we owe a gateway tenant (seed 003). */
  tenant: (tenantId: string) => mint("tenant", tenantId),
  /** What we owe the owner of Z credits (seed 004). */
  credit: (accountId: string) => mint("credit", accountId),
  /** What we owe a merchant from custodial sales (seed 001). */
  merchantPayable: (merchantId: string) => mint("merchant", merchantId),
  /** What a merchant's payer has left with us: unused time, and money that bought nothing. Good at that merchant only. */
  payer: (merchantId: string, payer: string) => mint("payer", merchantId, payer),
  /** What is reserved on a customer account by open holds. Only the holds themselves move it. */
  held: (account: AccountName) => brand(`held/${account}`),
  /** One free grant to the owner of `account`; spent before paid money, gone at its expiry. */
  grant: (account: AccountName, grantId: string) => brand(`grant/${account}/${part(grantId)}`),
  /** Tokens on deposit addresses of a chain, confirmed and not yet swept. */
  depositWallet: (chain: string, token: string) => mint("deposit-wallet", chain, token),
  /** Tokens on their way from a deposit address to the treasury. */
  sweepInTransit: (chain: string, token: string) => mint("sweep-in-transit", chain, token),
  /** Tokens in the offramp wallet of a chain. */
  treasury: (chain: string, token: string) => mint("treasury", chain, token),
  /** Tokens in the wallet that takes payments for merchants in custodial mode, until they are paid out (seed 001). */
  settlementWallet: (chain: string, token: string) => mint("settlement-wallet", chain, token),
  /** Native coin held to pay for sweeps, at cost in dollars. */
  gasTank: (chain: string) => mint("gas-tank", chain),
  /** What chains charged us. */
  networkCost: (chain: string) => mint("network-cost", chain),
  /** What a product family earned: "purchases", "access", "subscriptions", "gateway", "credits". */
  revenue: (family: string) => mint("revenue", family),
  /** Our cut of what merchants sold. */
  platformFee: (family: string) => mint("platform-fee", family),
  /** What we paid for what we resold: "aws", "llm". */
  costOfGoods: (source: string) => mint("cost-of-goods", source),
  /** What we owe those we resell, until paid. */
  upstreamPayable: (source: string) => mint("upstream-payable", source),
  /** What a party owes us for fees settled outside our books. */
  receivable: (party: string) => mint("receivable", party),
  /** What a merchant in direct mode owes its payers: unused time, and money that bought nothing, which it has in its own wallet. */
  refundsReceivable: (merchantId: string) => mint("receivable", `${merchantId}:refunds`),
  /** What was taken from a merchant's account to be paid out and has not left the settlement wallet for good (seed 001). */
  payoutInTransit: (chain: string, token: string) => mint("payout-in-transit", chain, token),
  /** Card money between the charge and the bank account. */
  stripeClearing: () => mint("stripe-clearing", "usd"),
  /** Money whose owner is not known yet, by reason: "wrong-token", "late", "unmatched-cost". */
  suspense: (reason: string) => mint("suspense", reason),
  /** What the owner put into our treasury; below zero where more was taken out. */
  ownerFunds: (chain: string, token: string) => mint("owner-funds", chain, token),
  /** What free grants cost us. */
  promotions: () => mint("promotions", "grants"),
  /** What was consumed and will not be paid. */
  badDebt: (family: string) => mint("bad-debt", family),
} as const;

/** The side on which the account grows. Throws `RangeError` for a name that is in no class. */
export function normalSide(account: AccountName): Side {
  return classOf(account).normalSide;
}

/** Whether the account is a customer's: it has a balance row, a floor, and must be opened before it is posted to. */
export function isMaterialised(account: AccountName): boolean {
  return classOf(account).materialised;
}

/** Whether the account is the reserved side of another, which only holds may move. */
export function isHeld(account: AccountName): boolean {
  return account.startsWith("held/");
}

/** The account whose funds a held account reserves; any other account is its own owner. */
export function ownerOf(account: AccountName): AccountName {
  return isHeld(account) ? brand(account.slice("held/".length)) : account;
}

/** Reads a name that was stored or typed. Throws `RangeError` where it is not of the chart. */
export function parseAccountName(text: string): AccountName {
  classOf(text);
  for (const segment of text.split("/")) part(segment);
  return brand(text);
}

function classOf(account: string): AccountClass {
  const found = classes[account.slice(0, Math.max(account.indexOf("/"), 0))];
  if (found === undefined) throw new RangeError(`"${account.slice(0, 80)}" is not an account of the chart`);
  return found;
}

function mint(accountClass: string, ...parts: readonly string[]): AccountName {
  return brand([accountClass, ...parts.map(part)].join("/"));
}

function part(text: string): string {
  if (!PART.test(text)) throw new RangeError("an account name is made of ids of 1 to 128 letters, digits and ._:@+-");
  return text;
}

function brand(text: string): AccountName {
  return text as AccountName;
}

import { add, type Nanodollars, nanodollars, subtract } from "../money/nanodollars.ts";
import { readBalance } from "./balances.ts";
import { type AccountName, accounts, parseAccountName } from "./chart-of-accounts.ts";
import type { EntryDraft, PostedEntry, Posting } from "./entry.ts";
import { digestOfInput, refOf, usageText } from "./entry-digest.ts";
import {
  AccountClosed,
  GrantNotExpired,
  GrantNotFound,
  InsufficientFunds,
  LedgerOverloaded,
  UnknownAccount,
} from "./errors.ts";
import {
  type GrantRow,
  openGrantRow,
  selectDueGrants,
  selectGrantAccount,
  selectSpendableGrants,
} from "./grant-store.ts";
import { failureCode } from "./lane-connection.ts";
import type { Ledger } from "./ledger.ts";
import type { LedgerDatabase } from "./ledger-store.ts";
import { NOT_YET_EXPIRED, NOTHING_TO_DRAIN, readOutcome } from "./outcome.ts";

/** What grants need: the books to write to, and a connection to read from. */
export type GrantNeeds = { readonly ledger: Pick<Ledger, "post">; readonly database: LedgerDatabase };

/** What taking grants back needs. */
export type GrantExpiryNeeds = { readonly ledger: Pick<Ledger, "execute">; readonly database: LedgerDatabase };

/** Free money that can be spent now. Smaller `priority` is spent first, then the earlier expiry, then the smaller id. */
export type Grant = {
  readonly grantId: string;
  readonly account: AccountName;
  readonly priority: number;
  readonly expiresAt: Date | null;
  readonly available: Nanodollars;
};

/** How a spend is divided: from each grant in order, then from paid money. `covered` is false where even that does not suffice. */
export type SpendPlan = {
  readonly postings: readonly Posting[];
  readonly total: Nanodollars;
  readonly covered: boolean;
};

const TRIES = 10;
const DUE_PER_ROUND = 500;

/**
 * Gives a customer free money. The grant id makes it happen once; the same id with another amount is {@link IdempotencyConflict}.
 * `expiresAt` absent: never. Throws {@link UnknownAccount}.
 */
export async function giveGrant(
  needs: GrantNeeds,
  input: {
    readonly grantId: string;
    readonly account: AccountName;
    readonly amount: Nanodollars;
    readonly priority: number;
    readonly expiresAt?: Date;
    readonly description?: string;
  },
): Promise<PostedEntry> {
  const { grantId, account: owner, amount, priority, expiresAt = null, description } = input;
  const account = accounts.grant(owner, grantId);
  await openGrantRow(needs.database, { grantId, account, owner, priority, expiresAt }).catch((error: unknown) => {
    throw failureCode(error) === "23503" ? new UnknownAccount() : error;
  });
  return needs.ledger.post({
    kind: "grant_given",
    idempotencyKey: `grant:${grantId}`,
    postings: [
      { account: accounts.promotions(), side: "debit", amount },
      { account, side: "credit", amount },
    ],
    ...(description === undefined ? {} : { description }),
  });
}

/** The grants of an account that can be spent now, in the order in which they are. */
export async function readGrants(database: LedgerDatabase, owner: AccountName): Promise<readonly Grant[]> {
  return (await selectSpendableGrants(database, owner)).map(grantOf);
}

/**
 * Spends from an account's grants in order, then from its paid balance, as one entry. A grant that another spend or its own expiry
 * empties meanwhile is planned around. Throws {@link InsufficientFunds} with the sum of both, {@link IdempotencyConflict}.
 */
export async function spendWithGrants(needs: GrantNeeds, input: Spend): Promise<PostedEntry> {
  for (let tries = 1; tries <= TRIES; tries += 1) {
    const grants = await readGrants(needs.database, input.account);
    const balance = await readBalance(needs.database, input.account);
    const plan = planSpend({ ...input, grants, paid: subtract(balance.available, balance.floor) });
    const result = await needs.ledger
      .post(spendDraft(input, plan))
      .catch((error: unknown) => refusal(error, plan, input.amount));
    if (result !== "plan again") return result;
  }
  throw new LedgerOverloaded();
}

/** What {@link spendWithGrants} takes: a draft whose debits are found out from the grants. */
export type Spend = Omit<EntryDraft, "postings" | "sameInputAs"> & {
  readonly account: AccountName;
  readonly creditAccount: AccountName;
  readonly amount: Nanodollars;
};

function spendDraft({ account, creditAccount, amount, ...words }: Spend, plan: SpendPlan): EntryDraft {
  const { description = null, metadata = null, usage } = words;
  const consumed = usage === undefined ? null : usageText(usage);
  const sameInputAs = { account, creditAccount, amount: `${amount}`, description, metadata, consumed };
  return { ...words, postings: plan.postings, sameInputAs };
}

function refusal(error: unknown, plan: SpendPlan, amount: Nanodollars): "plan again" {
  if (!(error instanceof InsufficientFunds || error instanceof AccountClosed)) throw error;
  if (plan.covered) return "plan again";
  throw new InsufficientFunds(plan.total, amount, error instanceof InsufficientFunds ? error.thresholdsCrossed : []);
}

/** Divides a spend over grants in the order given, the rest from `paid`. The same input always gives the same plan. Pure. */
export function planSpend(input: {
  readonly account: AccountName;
  readonly creditAccount: AccountName;
  readonly amount: Nanodollars;
  readonly grants: readonly Grant[];
  readonly paid: Nanodollars;
}): SpendPlan {
  const { account, creditAccount, amount, grants, paid } = input;
  const postings: Posting[] = [];
  let left: bigint = amount;
  for (const grant of grants) {
    const part = grant.available < left ? grant.available : left;
    if (part <= 0n) continue;
    postings.push({ account: grant.account, side: "debit", amount: nanodollars(part) });
    left -= part;
  }
  if (left > 0n) postings.push({ account, side: "debit", amount: nanodollars(left) });
  postings.push({ account: creditAccount, side: "credit", amount });
  const total = add(paid, ...grants.map((grant) => grant.available));
  return { postings, total, covered: left === 0n || left <= paid };
}

/** Takes back what is left of a grant whose time has come; null where nothing was. Throws {@link GrantNotFound}, {@link GrantNotExpired}. */
export async function expireGrant(
  needs: GrantExpiryNeeds,
  input: { readonly grantId: string },
): Promise<PostedEntry | null> {
  const account = await selectGrantAccount(needs.database, input.grantId);
  if (account === undefined) throw new GrantNotFound();
  const outcome = await needs.ledger.execute({
    operation: "drain",
    kind: "grant_expired",
    ref: refOf(`grant-expiry:${input.grantId}`),
    digest: digestOfInput("grant_expired", input.grantId),
    transfers: [{ debit: parseAccountName(account), credit: accounts.promotions(), amount: 0n }],
    refusalCrossesThresholds: false,
  });
  if (outcome.status === NOTHING_TO_DRAIN) return null;
  if (outcome.status === NOT_YET_EXPIRED) throw new GrantNotExpired();
  return readOutcome(outcome);
}

/** Takes back what is left of every grant whose time has come; answers how many there were. */
export async function expireGrants(needs: GrantExpiryNeeds): Promise<number> {
  let expired = 0;
  for (;;) {
    const due = await selectDueGrants(needs.database, DUE_PER_ROUND);
    const entries = await Promise.all(due.map((grantId) => expireGrant(needs, { grantId })));
    expired += entries.filter((entry) => entry !== null && !entry.replayed).length;
    if (due.length < DUE_PER_ROUND) return expired;
  }
}

function grantOf(row: GrantRow): Grant {
  return {
    grantId: row.grant_id,
    account: parseAccountName(row.account),
    priority: row.priority,
    expiresAt: row.expires_at,
    available: nanodollars(BigInt(row.balance)),
  };
}

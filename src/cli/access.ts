import { Option } from "commander";
import { z } from "zod";
import { newId } from "../platform/ids.ts";
import { LISTINGS, type Listing, pageOf, reportRows } from "./access-report.ts";
import { callApi } from "./operator-client.ts";
import { addSignature, listQuery, nextPageHint, operatorCommand } from "./operator-command.ts";
import { RepairAnswer } from "./purchases-report.ts";

type Signature = { readonly actor: string; readonly note: string; readonly requestId?: string };
type TermsOptions = Signature & {
  readonly fee?: string;
  readonly settlement?: string;
  readonly sells?: string;
  readonly refundsUnused?: string;
};
type KeyOptions = Signature & { readonly overlap: string };
type RunOptions = Signature & { readonly merchantId?: string; readonly skipWalletRest?: boolean };
type RepairOptions = Signature & {
  readonly dryRun?: boolean;
  readonly transaction?: string;
  readonly seconds?: string;
  readonly keepMoney?: boolean;
};

const NEW_REQUEST = "req";
/** Where repairs of each kind go, by how its ids begin. */
const REPAIRED = { apy: "admin/access/payments", acs: "admin/sessions", pout: "admin/payouts" } as const;

// npm run access -- LIST | terms ID | new-key ID | invoice-paid ID | run-payouts | repair ID ACTION. Speaks to the API as the operator.
const { program, readAccess, tell, announce, run } = operatorCommand(
  "access",
  "Pay-per-use access: its merchants, sessions, payments, fees and payouts.",
);

for (const [name, listing] of Object.entries<Listing>(LISTINGS)) {
  const command = program
    .command(name)
    .description(listing.about)
    .option("--limit <number>", "how many", "50")
    .option("--cursor <cursor>", "continue the page before");
  for (const [flag, meaning] of Object.entries(listing.filters)) command.option(flag, meaning);
  command.action((options: Readonly<Record<string, string>>) => list(listing, options));
}
const truth = (flag: string, meaning: string) => new Option(`${flag} <true|false>`, meaning).choices(["true", "false"]);
addSignature(program.command("terms"))
  .argument("<merchant>", "a merchant id")
  .option("--fee <basis-points>", "its own rate, 200 for 2 %; default: by the tiers of volume")
  .addOption(new Option("--settlement <mode>", "whose wallet is paid").choices(["direct", "custodial"]))
  .addOption(truth("--sells", "false ends it at once and revokes its keys"))
  .addOption(truth("--refunds-unused", "whether holders who stop early get unused time back"))
  .description("Set what only the operator decides of a merchant. Quotes that are open keep their terms.")
  .action(setTerms);
addSignature(program.command("new-key"))
  .argument("<merchant>", "a merchant id")
  .option("--overlap <seconds>", "how long older keys still work", "0")
  .description("Give a merchant that lost its key a new one, which is shown this once.")
  .action(reissueKey);
addSignature(program.command("invoice-paid"))
  .argument("<invoice>", "an invoice id: inv_...")
  .requiredOption("--reference <text>", "what paid it, such as a bank statement's line")
  .description("Say that a merchant paid its fees; booked once.")
  .action(markPaid);
addSignature(program.command("run-payouts"))
  .option("--merchant-id <id>", "only this merchant's")
  .option("--skip-wallet-rest", "also to wallets that were changed less than a day ago: ask the merchant first")
  .description("Start the payouts that are due now, instead of waiting for the daily run.")
  .action(startPayouts);
addSignature(program.command("repair"))
  .argument("<id>", "a payment (apy_...), a session (acs_...) or a payout (pout_...)")
  .argument(
    "<action>",
    "payment: lookAgain, recordSettled or recordFailed; session: extendSession or revokeSession; payout: cancelPayout",
  )
  .option("--dry-run", "say what would happen and change nothing")
  .option("--transaction <hash>", "recordSettled: the transaction that the chain shall prove")
  .option("--seconds <number>", "extendSession: how much longer, free of charge")
  .option("--keep-money", "revokeSession: what was paid for the time that is left is not given back")
  .description("Repair what an access workflow works on. No word of yours moves money: the chain must prove it.")
  .action(repair);

async function list(listing: Listing, options: Readonly<Record<string, string>>): Promise<void> {
  const path = `${listing.path}?${listQuery(options)}`;
  const { page, rows, nextCursor } = await callApi(readAccess(), { path, schema: pageOf(listing) });
  tell(page, () => `${reportRows(listing, rows)}${nextPageHint(nextCursor)}`);
}

async function setTerms(id: string, options: TermsOptions): Promise<void> {
  const { fee, settlement: settlementMode, sells, refundsUnused, ...signature } = options;
  const feeBasisPoints = fee === "default" ? null : toNumber(fee);
  const terms = { feeBasisPoints, settlementMode, isActive: toTruth(sells), refundsUnused: toTruth(refundsUnused) };
  const path = `admin/merchants/${encodeURIComponent(id)}`;
  const body = { ...terms, ...sign(signature, `terms of ${id}`) };
  const schema = z.looseObject({ data: z.record(z.string(), z.unknown()), message: z.string() });
  const answer = await callApi(readAccess(), { path, schema, body, method: "PATCH" });
  tell(answer, () => `${reportRows(LISTINGS.merchants, [answer.data])}\n${answer.message}`);
}

async function reissueKey(id: string, { overlap, ...signature }: KeyOptions): Promise<void> {
  const { requestId: idempotencyKey, actor, note } = sign(signature, `new key of ${id}`);
  const path = `admin/merchants/${encodeURIComponent(id)}/api-key`;
  const body = { actor, note, overlapSeconds: toNumber(overlap) };
  const schema = z.looseObject({ data: z.looseObject({ apiKey: z.string() }), message: z.string() });
  const answer = await callApi(readAccess(), { path, schema, body, idempotencyKey });
  announce(answer.message);
  tell(answer, () => answer.data.apiKey);
}

async function markPaid(id: string, options: Signature & { readonly reference: string }): Promise<void> {
  const { reference, actor, note } = options;
  const path = `admin/invoices/${encodeURIComponent(id)}/paid`;
  const schema = z.record(z.string(), z.unknown());
  const invoice = await callApi(readAccess(), { path, schema, body: { reference, actor, note } });
  tell(invoice, () => reportRows(LISTINGS.invoices, [invoice]));
}

async function startPayouts({ merchantId, skipWalletRest, ...signature }: RunOptions): Promise<void> {
  const body = { merchantId, skipWalletRest, ...sign(signature, "payouts") };
  const schema = z.looseObject({ started: z.array(z.string()) });
  const answer = await callApi(readAccess(), { path: "admin/payouts/run", schema, body });
  tell(answer, () => (answer.started.length === 0 ? "No payout is due." : answer.started.join("\n")));
}

async function repair(id: string, action: string, options: RepairOptions): Promise<void> {
  const { dryRun, transaction, seconds, keepMoney, ...signature } = options;
  const kind = z.enum(["apy", "acs", "pout"]).safeParse(id.split("_")[0]);
  if (!kind.success)
    return program.error(`error: ${id} is no id of a payment, a session or a payout`, { exitCode: 64 });
  const givesBack = keepMoney === true ? false : undefined;
  const own = { action, dryRun, transaction, seconds: toNumber(seconds), givesBack };
  const body = { ...own, ...sign(signature, `${action} of ${id}`) };
  const path = `${REPAIRED[kind.data]}/${encodeURIComponent(id)}/repairs`;
  const answer = await callApi(readAccess(), { path, schema: RepairAnswer, body });
  tell(answer, () => `${dryRun === true ? "Would happen: " : ""}${answer.outcome}`);
}

/** Names the request, so that it can be sent again when no answer came, and says so. */
function sign({ actor, note, requestId = newId(NEW_REQUEST) }: Signature, what: string): Required<Signature> {
  announce(`${what}, request id ${requestId} ...`);
  return { actor, note, requestId };
}

function toTruth(text: string | undefined): boolean | undefined {
  return text === undefined ? undefined : text === "true";
}

/** What is no number is left to the API to refuse. */
function toNumber(text: string | undefined): number | string | undefined {
  return text === undefined || !/^[0-9]+$/.test(text) ? text : Number(text);
}

await run();

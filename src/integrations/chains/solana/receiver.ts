import { z } from "zod";
import { flawOfText, type MissingTokenAccount, type Receiver, type ReceiverFlaw } from "../receiver.ts";
import { decodeBase58 } from "./base58.ts";
import type { SolanaNode } from "./node.ts";
import { isOnCurve, readTokenHolding, TOKEN_PROGRAM, tokenAccountOf } from "./token-accounts.ts";

const SYSTEM_PROGRAM = "11111111111111111111111111111111";
const TOKEN_PROGRAMS: ReadonlySet<string> = new Set([
  TOKEN_PROGRAM.toBase58(),
  "TokenzQdBNbLqP5VEhdkAS6EPFLC1PHnBqCXEpPxuEb",
]);
const MINT_BYTES = 82;
/** Where Token-2022 says what an account with extensions is: 1 a mint, 2 a token account. */
const KIND_POSITION = 165;
const KIND_MINT = 1;
/** Where a token account says whether it is frozen, and the value that says so. Source: the SPL token program's account layout. */
const STATE_POSITION = 108;
const STATE_FROZEN = 2;

const Accounts = z.object({
  value: z.array(
    z
      .object({
        owner: z.string(),
        executable: z.boolean(),
        data: z.tuple([z.string(), z.literal("base64")]),
      })
      .nullable(),
  ),
});
type Account = z.output<typeof Accounts>["value"][number];

/**
 * Whether a wallet can be sent tokens: on the curve, no program, mint or token account, and with an open token account of its own for each
 * of `tokens`; those it lacks are told. A wallet that holds no SOL is no account yet, and fine. Throws `RpcUnavailable` and `ChainIdMismatch`.
 */
export async function inspectReceiver(
  node: SolanaNode,
  input: { readonly address: string; readonly tokens: readonly string[] },
): Promise<Receiver> {
  const { address, tokens } = input;
  const flaw = flawOfText(address) ?? flawOfForm(address);
  if (flaw !== null) return flaw;
  if (tokens.includes(address)) return refused("mint", IS_A_MINT);
  const holdings = isOnCurve(address) ? tokens.map((token) => tokenAccountOf({ owner: address, mint: token })) : [];
  const options = { commitment: "confirmed", encoding: "base64" };
  const { value } = await node.ask(Accounts, "getMultipleAccounts", [[address, ...holdings], options]);
  const [account = null, ...held] = value;
  const standing = flawOfAccount(account) ?? flawOfCurve(address);
  if (standing !== null) return standing;
  const missing: MissingTokenAccount[] = [];
  for (const [place, token] of tokens.entries()) {
    const tokenAccount = tokenAccountOf({ owner: address, mint: token });
    const state = stateOf(held[place] ?? null, { owner: address, token });
    if (state === "missing") missing.push({ token, account: tokenAccount });
    else if (state !== "open") return refused(state, FLAWS_OF_HOLDINGS[state](tokenAccount));
  }
  return { kind: "accepted", address, missing };
}

const IS_A_MINT = "it is the mint of a token and no wallet";
const FLAWS_OF_HOLDINGS = {
  foreign_token_account: (account: string) => `its token account ${account} was given to another owner`,
  frozen_token_account: (account: string) => `its token account ${account} is frozen by the issuer`,
} as const;

function flawOfForm(address: string): Receiver | null {
  const bytes = decodeBase58(address.slice(0, 64));
  if (bytes === undefined) return refused("malformed", "it has characters that base 58 does not use");
  if (bytes.length !== 32) return refused("malformed", `it is ${bytes.length} bytes long, not 32`);
  if (bytes.every((byte) => byte === 0)) return refused("program", "it is the system program");
  return null;
}

/** What already stands at the address itself. */
function flawOfAccount(account: Account): Receiver | null {
  if (account === null) return null;
  if (account.executable) return refused("program", "it is a program");
  const data = Buffer.from(account.data[0], "base64");
  if (TOKEN_PROGRAMS.has(account.owner)) {
    const isMint = data.length === MINT_BYTES || data[KIND_POSITION] === KIND_MINT;
    if (isMint) return refused("mint", IS_A_MINT);
    const owner = readTokenHolding(data)?.owner;
    const whose = owner === undefined ? "" : ` of ${owner}`;
    return refused("token_account", `it is a token account${whose}: give the wallet that owns it`);
  }
  if (account.owner === SYSTEM_PROGRAM) return null;
  return refused("program", `it belongs to the program ${account.owner} and is no wallet`);
}

function flawOfCurve(address: string): Receiver | null {
  if (isOnCurve(address)) return null;
  return refused(
    "off_curve",
    "it is off the curve: a program's address, such as a token account or a vault, and no wallet",
  );
}

function stateOf(account: Account, expected: { readonly owner: string; readonly token: string }) {
  if (account === null || account.owner !== TOKEN_PROGRAM.toBase58()) return "missing";
  const data = Buffer.from(account.data[0], "base64");
  const holding = readTokenHolding(data);
  if (holding === undefined || holding.mint !== expected.token) return "missing";
  if (holding.owner !== expected.owner) return "foreign_token_account";
  return data[STATE_POSITION] === STATE_FROZEN ? "frozen_token_account" : "open";
}

function refused(flaw: ReceiverFlaw, detail: string): Receiver {
  return { kind: "refused", flaw, detail };
}

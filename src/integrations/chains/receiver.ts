/**
 * What is wrong with an address that tokens shall be sent to. `name`: a name such as `shop.sol`, which is not resolved here. `nobody`: zero,
 * a place where tokens are burnt, or a precompiled contract. `foreign_token_account`: its token account was given to somebody else.
 */
export type ReceiverFlaw =
  | "malformed"
  | "name"
  | "checksum"
  | "nobody"
  | "token_contract"
  | "token_account"
  | "mint"
  | "program"
  | "off_curve"
  | "foreign_token_account"
  | "frozen_token_account";

/** A token the receiver cannot take yet, and the account that must exist first. */
export type MissingTokenAccount = { readonly token: string; readonly account: string };

/**
 * What a chain says of an address that tokens shall be sent to, now. `detail` ends a sentence. `address` is in the chain's canonical
 * spelling; `missing` is empty where a receiver needs no accounts.
 */
export type Receiver =
  | { readonly kind: "refused"; readonly flaw: ReceiverFlaw; readonly detail: string }
  | { readonly kind: "accepted"; readonly address: string; readonly missing: readonly MissingTokenAccount[] };

const NAME = /^[^\s/:]+\.[a-z]{2,12}$/i;
const ASCII = /^[\x21-\x7e]*$/;

/** What is wrong with a text before any chain knows what it means: names, and letters that only look like the right ones. */
export function flawOfText(text: string): Receiver | null {
  if (NAME.test(text)) {
    const detail = "it is a name, and names are not resolved here: give the address it stands for";
    return { kind: "refused", flaw: "name", detail };
  }
  if (ASCII.test(text)) return null;
  const detail = "it has letters that are none of an address, perhaps look-alikes: copy it again from the wallet";
  return { kind: "refused", flaw: "malformed", detail };
}

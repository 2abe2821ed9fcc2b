import { getAddress } from "ethers";
import { flawOfText, type Receiver, type ReceiverFlaw } from "../receiver.ts";
import type { EvmNode } from "./node.ts";
import { Code, readShape } from "./rpc-shapes.ts";

const FORM = /^0x[0-9a-fA-F]{40}$/;
/** Precompiled contracts are below this; nobody has a key that low. */
const LOWEST_ADDRESS = 0x1_0000n;
/** Where tokens are sent to be gone, and what stands for native coin in other programs; nobody holds a key of these. */
const BURN_ADDRESSES: ReadonlySet<string> = new Set([
  "0x000000000000000000000000000000000000dead",
  "0xdead000000000000000042069420694206942069",
  "0xdeaddeaddeaddeaddeaddeaddeaddeaddeaddead",
  "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee",
  "0xffffffffffffffffffffffffffffffffffffffff",
]);
/** `totalSupply()` and `decimals()`: what answers both with a number is a token. Source: ERC-20. */
const TOKEN_QUESTIONS = ["0x18160ddd", "0x313ce567"] as const;
const WORD = /^0x[0-9a-fA-F]{64}$/;

/**
 * Whether an address can be sent tokens. A contract may be a wallet and is taken, unless it is itself a token: what a token contract is
 * sent stays there for ever. Throws `RpcUnavailable` and `ChainIdMismatch`.
 */
export async function inspectReceiver(
  node: EvmNode,
  input: { readonly address: string; readonly tokens: readonly string[] },
): Promise<Receiver> {
  const flaw = flawOfText(input.address) ?? flawOfForm(input.address);
  if (flaw !== null) return flaw;
  const address = getAddress(input.address);
  if (input.tokens.some((token) => getAddress(token) === address)) return refused("token_contract", IS_A_TOKEN);
  const code = readShape(node.network.id, Code, await node.ask("eth_getCode", [address, "latest"]));
  if (code !== "0x" && (await isToken(node, address))) return refused("token_contract", IS_A_TOKEN);
  return { kind: "accepted", address, missing: [] };
}

const IS_A_TOKEN = "it is a token's contract, from which nothing comes back";

function flawOfForm(address: string): Receiver | null {
  if (!FORM.test(address)) return refused("malformed", "it is not 0x and 40 hexadecimal digits");
  if (!isChecksumRight(address)) {
    return refused("checksum", "its capital letters do not fit (EIP-55), so a character is wrong: copy it again");
  }
  if (BigInt(address) < LOWEST_ADDRESS || BURN_ADDRESSES.has(address.toLowerCase())) {
    return refused("nobody", "nobody holds its key: what is sent there is lost");
  }
  return null;
}

/** All in small or all in capital letters has no checksum; anything between must be the one spelling of EIP-55. */
function isChecksumRight(address: string): boolean {
  const digits = address.slice(2);
  if (digits === digits.toLowerCase() || digits === digits.toUpperCase()) return true;
  return getAddress(address.toLowerCase()) === address;
}

async function isToken(node: EvmNode, address: string): Promise<boolean> {
  for (const data of TOKEN_QUESTIONS) {
    const answer = await node.request("eth_call", [{ to: address, data }, "latest"]);
    if ("refused" in answer || typeof answer.result !== "string" || !WORD.test(answer.result)) return false;
  }
  return true;
}

function refused(flaw: ReceiverFlaw, detail: string): Receiver {
  return { kind: "refused", flaw, detail };
}

import type { Knex } from "knex";
import type { Wallet } from "../../../integrations/x402/sign-in.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import type { SeenSession } from "./read-session.ts";
import { lookAt } from "./read-session.ts";
import { listSessionsOfPayer } from "./session-store.ts";
import { readSessionToken } from "./session-token.ts";

const MOST = 50;

/** How ids of a kind's chains begin. */
const PREFIX = { evm: "eip155:", solana: "solana:" } as const;

/**
 * The running sessions of a wallet with their tokens, for whoever proved that the wallet is theirs: a lost token is found again without
 * paying again. Newest first, at most 50; of one asset where it is named.
 */
export async function recoverSessions(
  needs: { readonly database: Knex; readonly masterKey: MasterKey },
  input: { readonly wallet: Wallet; readonly assetId: string | null },
): Promise<readonly (SeenSession & { readonly token: string })[]> {
  const { kind, address } = input.wallet;
  const found = await listSessionsOfPayer(needs.database, {
    // An EVM address is written down with its checksum; one that was not is the same wallet.
    payers: kind === "evm" ? [address, address.toLowerCase()] : [address],
    networkPrefix: PREFIX[kind],
    assetId: input.assetId,
    limit: MOST,
  });
  const seen = await Promise.all(found.map((session) => lookAt(needs, session)));
  return seen
    .filter(({ session }) => session.status === "active")
    .map(({ session, now }) => ({ session, now, token: readSessionToken(needs, session) }));
}

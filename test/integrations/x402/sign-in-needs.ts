import type { SignInNeeds } from "../../../src/integrations/x402/sign-in.ts";
import { openDatabase } from "../../../src/platform/database/pool.ts";
import { BASE_SEPOLIA, SOLANA } from "./offers.ts";

/** Where this server is, as wallets are told. */
export const PUBLIC_URL = "https://tollkeeper.example";

/** What sign-in needs, with a clock that stands at now. Without a database it makes challenges and takes none. */
export function signInNeeds(databaseUrl = "postgresql://nobody@127.0.0.1:1/none"): SignInNeeds & {
  readonly moveClock: (milliseconds: number) => void;
} {
  let now = Date.now();
  return {
    database: openDatabase(databaseUrl, { maxConnections: 4, name: "test" }),
    clock: { now: () => now },
    masterKey: new Uint8Array(32).fill(5),
    publicUrl: PUBLIC_URL,
    networks: [SOLANA, BASE_SEPOLIA],
    moveClock: (milliseconds) => {
      now += milliseconds;
    },
  };
}

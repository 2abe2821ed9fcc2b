import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { callApi } from "../../sandbox/demo/http.ts";
import { newSolanaWallet } from "../../sandbox/demo/solana-wallet.ts";
import { setTokens } from "../../sandbox/parts/surfnet.ts";
import type { AccessWorld } from "./world.ts";

/** A merchant of the bench's own, paid on every chain that runs. */
export type BenchMerchant = {
  readonly merchantId: string;
  /** Puts so many more assets on sale, 0.01 USD a minute each, past the API; answers their ids. */
  readonly openAssets: (count: number) => Promise<readonly string[]>;
};

const Registered = z.object({ data: z.object({ merchantId: z.string() }) });
/** Nobody has its key, and nobody needs it. */
const EVM_WALLET = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8";

const PATIENCE_MS = 60_000;

/** Registers the merchant as merchants do: through the API, its wallets checked on their chains. */
export async function openMerchant({ description, owner }: AccessWorld): Promise<BenchMerchant> {
  const { evm, solana } = description;
  const wallets: Record<string, string> = { [evm.chain]: EVM_WALLET };
  if (solana !== undefined) {
    const wallet = newSolanaWallet();
    // It can only be paid once it has a token account.
    await giveTokenAccount(solana.rpc, wallet);
    wallets[solana.chain] = wallet;
  }
  const body = { name: "bench", wallets };
  const call = { method: "POST", path: "/api/v1/auth/register", body } as const;
  const { merchantId } = (await callApi(description.api, call, Registered)).data;
  let opened = 0;
  return {
    merchantId,
    openAssets: async (count) => {
      const ids = Array.from({ length: count }, (_, index) => `ast_bench${opened + index}`);
      opened += count;
      await owner.raw(
        `INSERT INTO assets (id, merchant_id, name, type, unit, unit_seconds, price_nanodollars)
         SELECT id, ?, 'bench', 'gpu', 'minute', 60, 10000000 FROM unnest(?::text[]) id`,
        [merchantId, ids],
      );
      return ids;
    },
  };
}

/** On a busy machine the chain may stand still; then it is started again, and asked again. */
async function giveTokenAccount(rpc: string, owner: string): Promise<void> {
  for (const until = performance.now() + PATIENCE_MS; ; await pause(500)) {
    const given = await setTokens(rpc, { owner, units: 0n }).then(
      () => true,
      (error: unknown) => {
        if (performance.now() > until) throw error;
        return false;
      },
    );
    if (given) return;
  }
}

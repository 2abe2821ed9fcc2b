import type { Logger } from "../../../platform/logger.ts";
import type { X402Network } from "../networks.ts";
import type { SettlementChain, WalletReading } from "./settlement-chain.ts";

/** A fee-paying wallet when it was last looked at. */
export type WatchedWallet = WalletReading & {
  readonly network: X402Network;
  readonly wallet: string;
  readonly isLow: boolean;
};

/** A level is left again only a fifth above where it began, so that fees which swing around it warn once. */
const BACK_PERCENT = 120;

/**
 * Looks once at each chain's wallet, and warns when one gets low or can settle nothing, and says when it is well again. `before` is what
 * the last look saw; a wallet whose node does not answer stays as it was.
 */
export async function lookAtWallets(
  { logger }: { readonly logger: Logger },
  input: {
    readonly chains: readonly SettlementChain[];
    readonly before: readonly WatchedWallet[];
    readonly lowSettlements: number;
  },
): Promise<readonly WatchedWallet[]> {
  const looks = input.chains.map(async (chain) => {
    const before = input.before.find(({ network }) => network.id === chain.network.id);
    try {
      const reading = await chain.readWallet();
      const level = before?.isLow === true ? (input.lowSettlements * BACK_PERCENT) / 100 : input.lowSettlements;
      const isLow = reading.settlementsLeft < level;
      const after = { ...reading, network: chain.network, wallet: chain.wallet, isLow };
      tell(logger, { before, after });
      return after;
    } catch (error) {
      logger.warn({ err: error, network: chain.network.id }, "the wallet that pays fees could not be looked at");
      return before;
    }
  });
  return (await Promise.all(looks)).filter((one) => one !== undefined);
}

function tell(
  logger: Logger,
  { before, after }: { readonly before: WatchedWallet | undefined; readonly after: WatchedWallet },
): void {
  const { network, wallet, settlementsLeft, blocked, isLow } = after;
  const facts = { network: network.id, wallet, settlementsLeft };
  if (isLow && before?.isLow !== true) logger.warn(facts, "the wallet that pays fees is low: fund it");
  if (!isLow && before?.isLow === true) logger.info(facts, "the wallet that pays fees is full enough again");
  const wasBlocked = before !== undefined && before.blocked !== null;
  if (blocked !== null && !wasBlocked) logger.warn({ ...facts, blocked }, "nothing can be settled on this network now");
  if (blocked === null && wasBlocked) logger.info(facts, "settlements go on");
}

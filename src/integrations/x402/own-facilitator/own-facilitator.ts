import type { VerifyResponse } from "@x402/core/types";
import type { Knex } from "knex";
import type { Logger } from "../../../platform/logger.ts";
import type { FacilitatorCall, SupportedKind } from "../facilitator.ts";
import { followUnresolved } from "./follow-settlements.ts";
import { type ReadCall, readPaymentCall } from "./payment-call.ts";
import type { Settled } from "./settle-answer.ts";
import { settlePayment } from "./settle-payment.ts";
import type { SettlementChain } from "./settlement-chain.ts";
import { lookAtWallets, type WatchedWallet } from "./watch-wallets.ts";

const FOLLOW_MS = 2_000;
const CHECK_AGAIN_MS = 15_000;

/** What `GET /supported` answers. */
export type Supported = {
  readonly kinds: readonly SupportedKind[];
  readonly extensions: readonly string[];
  readonly signers: Readonly<Record<string, readonly string[]>>;
};

/** A facilitator of our own, spoken to by functions; `products/facilitator` gives it its HTTP. */
export type OwnFacilitator = {
  readonly supported: () => Supported;
  readonly verify: (call: FacilitatorCall) => Promise<VerifyResponse>;
  readonly settle: (call: FacilitatorCall) => Promise<Settled>;
  /** The wallets that pay fees, as they were last looked at; those never seen are missing. */
  readonly wallets: () => readonly WatchedWallet[];
  readonly stop: () => Promise<void>;
};

type Needs = { readonly database: Knex; readonly logger: Logger };

/**
 * Opens our facilitator over chains. A chain is served once its node has said that it is that chain, and asked again now and then until it
 * does; one whose node is of another chain is never served. Payments that an earlier process sent are followed to their end.
 */
export async function openOwnFacilitator(
  needs: Needs,
  settings: {
    readonly chains: readonly SettlementChain[];
    readonly confirmMs: number;
    /** A wallet that pays for fewer is warned of. */
    readonly lowSettlements: number;
  },
): Promise<OwnFacilitator> {
  const { logger } = needs;
  const serving = new Set<SettlementChain>();
  let wallets: readonly WatchedWallet[] = [];
  const check = async () => {
    await Promise.all(
      settings.chains.filter((chain) => !serving.has(chain)).map((chain) => admit({ logger, serving }, chain)),
    );
    const { lowSettlements } = settings;
    wallets = await lookAtWallets({ logger }, { chains: [...serving], before: wallets, lowSettlements });
  };
  await check();
  const networks = () => [...serving].map(({ network }) => network);
  const chainOf = ({ network }: ReadCall) => [...serving].find((chain) => chain.network.id === network.id);
  const read = (call: FacilitatorCall) => {
    const got = readPaymentCall(networks(), call);
    if ("reason" in got) return got;
    const chain = chainOf(got);
    return chain === undefined ? { reason: "invalid_network", message: "not served now" } : { ...got, chain };
  };
  const checking = setInterval(() => void check(), CHECK_AGAIN_MS);
  const following = keepFollowing(needs, () => [...serving]);
  return {
    supported: () => describe([...serving]),
    verify: async (call) => {
      const got = read(call);
      if ("reason" in got) return { isValid: false, invalidReason: got.reason, invalidMessage: got.message };
      return got.chain.verify(got.call);
    },
    settle: async (call) => {
      const got = read(call);
      if (!("reason" in got))
        return settlePayment({ ...needs, confirmMs: settings.confirmMs }, { ...got, version: call.x402Version });
      const response = { success: false, errorReason: got.reason, errorMessage: got.message, transaction: "" };
      const { network } = call.paymentRequirements;
      return { response: { ...response, network: typeof network === "string" ? network : "" }, inFlight: false };
    },
    wallets: () => wallets,
    stop: async () => {
      clearInterval(checking);
      await following.stop();
    },
  };
}

async function admit(
  { logger, serving }: { readonly logger: Logger; readonly serving: Set<SettlementChain> },
  chain: SettlementChain,
): Promise<void> {
  try {
    await chain.requireChain();
    serving.add(chain);
    logger.info({ network: chain.network.id, wallet: chain.wallet }, "settling on this network");
  } catch (error) {
    logger.error({ err: error, network: chain.network.id }, "this network is not served");
  }
}

function describe(serving: readonly SettlementChain[]): Supported {
  const kinds = serving.flatMap(({ network: { caip2, v1Name }, extra }): SupportedKind[] => [
    { x402Version: 2, scheme: "exact", network: caip2, extra },
    ...(v1Name === null ? [] : [{ x402Version: 1 as const, scheme: "exact", network: v1Name, extra }]),
  ]);
  const families = new Map<string, string[]>();
  for (const { network, wallet } of serving) {
    const family = `${network.caip2.slice(0, network.caip2.indexOf(":"))}:*`;
    families.set(family, [...new Set([...(families.get(family) ?? []), wallet])]);
  }
  return { kinds, extensions: [], signers: Object.fromEntries(families) };
}

/** One pass at a time, with a pause between. */
function keepFollowing(needs: Needs, chains: () => readonly SettlementChain[]) {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const pass = async (): Promise<void> => {
    await followUnresolved(needs, { chains: chains() }).catch((error: unknown) => {
      needs.logger.warn({ err: error }, "settlements under way could not be followed");
    });
    if (!stopped) timer = setTimeout(begin, FOLLOW_MS);
  };
  const begin = () => {
    running = pass();
  };
  begin();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}

import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database/pool.ts";
import type { Logger } from "../../platform/logger.ts";
import type { FacilitatorChoice, Facilitators, SupportedKind } from "./facilitator.ts";
import { FacilitatorUnusable } from "./facilitator-errors.ts";
import { type HttpFacilitatorSettings, openHttpFacilitator } from "./http-facilitator.ts";
import { keepKinds, readKinds } from "./kinds-store.ts";
import { openPayaiAuth, type PayaiCredentials } from "./payai-auth.ts";
import { type WatchedFacilitator, watchFacilitator } from "./watched-facilitator.ts";

const REFRESH_MS = 60_000;
const RETRY_MS = 3_000;
/** A start waits this long for a first answer where nothing is known yet; without one it goes on. */
const START_MS = 1_500;

/** What the environment says. PayAI's comes first; `own` are further ones, each with the same bearer token when one is set. */
export type FacilitatorSettings = {
  readonly payai?: {
    readonly url: string;
    readonly credentials: PayaiCredentials;
    /** Sent as it stands, where the operator names the header. */
    readonly version?: { readonly header: string; readonly value: string };
  };
  readonly own: readonly string[];
  readonly ownToken?: string;
  readonly preferredNetwork?: string;
};

type Needs = { readonly database: Database; readonly logger: Logger; readonly clock: Clock };

type Entry = WatchedFacilitator & { kinds: readonly SupportedKind[] };

/**
 * Opens the configured facilitators and keeps asking each what it supports, in the background. None of them has to answer for a process to
 * start: what they said to an earlier one is in Postgres. Throws a plain error for credentials that cannot be used.
 */
export function openFacilitators(needs: Needs, settings: FacilitatorSettings): Facilitators {
  const entries: readonly Entry[] = readSettings(needs, settings).map((one) => ({
    ...watchFacilitator(needs, openHttpFacilitator({}, one)),
    kinds: [],
  }));
  const refreshing = entries.map((entry) => ({ entry, ...keepAsking(needs, entry) }));
  return {
    started: withinStart(needs, refreshing),
    all: entries.map(({ facilitator }) => facilitator),
    preferredNetwork: settings.preferredNetwork ?? null,
    choose: (network) => choose(entries, network),
    named: (name) => {
      const entry = entries.find(({ facilitator }) => facilitator.name === name);
      if (entry !== undefined) return entry.facilitator;
      throw new FacilitatorUnusable(name, "it is not configured here");
    },
    health: () =>
      entries.map(({ facilitator, isFailing, kinds }) => ({
        name: facilitator.name,
        isFailing: isFailing(),
        isKnown: kinds.length > 0,
      })),
    stop: async () => {
      await Promise.all(refreshing.map(({ stop }) => stop()));
    },
  };
}

function readSettings(needs: Pick<Needs, "clock">, settings: FacilitatorSettings): readonly HttpFacilitatorSettings[] {
  const { payai, ownToken } = settings;
  const headers = async () => ({ ...(ownToken === undefined ? {} : { authorization: `Bearer ${ownToken}` }) });
  const own = settings.own.map((url, index) => ({ name: index === 0 ? "own" : `own-${index + 1}`, url, headers }));
  if (payai === undefined) return own;
  const sign = openPayaiAuth(needs, payai.credentials);
  const { version } = payai;
  const payaiHeaders = async () => ({
    ...(await sign()),
    ...(version === undefined ? {} : { [version.header.toLowerCase()]: version.value }),
  });
  return [{ name: "payai", url: payai.url, headers: payaiHeaders }, ...own];
}

async function recall({ database, logger }: Needs, entry: Entry): Promise<void> {
  const { name, url } = entry.facilitator;
  try {
    const kinds = await readKinds(database, { name, url });
    // The facilitator itself may have answered meanwhile.
    if (entry.kinds.length === 0) entry.kinds = kinds;
  } catch (error) {
    logger.warn({ err: error, facilitator: name }, "what the facilitator supports could not be read back");
  }
}

/** Asks now and again and again, sooner while it does not answer. `first` resolves after the first try, whatever came of it. */
function keepAsking(needs: Needs, entry: Entry): { readonly first: Promise<void>; readonly stop: () => Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const turn = async (): Promise<void> => {
    const answered = await refresh(needs, entry);
    if (stopped) return;
    timer = setTimeout(
      () => {
        running = turn();
      },
      answered ? REFRESH_MS : RETRY_MS,
    );
    timer.unref();
  };
  const first = turn();
  running = first;
  const stop = async () => {
    stopped = true;
    clearTimeout(timer);
    // A call under way may take seconds: it is left to end by itself, and what it says is dropped.
    await Promise.race([running, new Promise((resolve) => setTimeout(resolve, 100))]);
  };
  return { first, stop };
}

async function refresh({ database, logger }: Needs, entry: Entry): Promise<boolean> {
  const { name, url } = entry.facilitator;
  const kinds = await entry.facilitator.supported().catch((error: unknown) => {
    logger.warn({ err: error, facilitator: name }, "the facilitator does not say what it supports");
    return undefined;
  });
  if (kinds === undefined) return false;
  // Of several fee payers it names one at random each time: the quote keeps the one it was made with.
  entry.kinds = kinds;
  await keepKinds(database, { name, url, kinds }).catch((error: unknown) => {
    logger.warn({ err: error, facilitator: name }, "what the facilitator supports could not be kept");
  });
  return true;
}

/** What is known from before is enough to start with; only where nothing is, a first answer is worth a short wait. */
async function withinStart(
  needs: Needs,
  refreshing: readonly { readonly entry: Entry; readonly first: Promise<void> }[],
): Promise<void> {
  await Promise.all(refreshing.map(({ entry }) => recall(needs, entry)));
  const unknown = refreshing.filter(({ entry }) => entry.kinds.length === 0);
  if (unknown.length === 0) return;
  await Promise.race([
    Promise.all(unknown.map(({ first }) => first)),
    new Promise((resolve) => setTimeout(resolve, START_MS)),
  ]);
}

/** Pure but for the health of each: the first healthy one that can, else the first that can. */
function choose(
  entries: readonly Entry[],
  network: { readonly caip2: string; readonly v1Name: string | null },
): FacilitatorChoice | null {
  const able = entries.flatMap((entry) => {
    const v2 = entry.kinds.find((kind) => kind.x402Version === 2 && kind.network === network.caip2 && isUsable(kind));
    const v1 = entry.kinds.find((kind) => kind.x402Version === 1 && kind.network === network.v1Name && isUsable(kind));
    const versions = [...(v2 === undefined ? [] : ([2] as const)), ...(v1 === undefined ? [] : ([1] as const))];
    const extra = (v2 ?? v1)?.extra;
    return extra === undefined ? [] : [{ entry, choice: { facilitator: entry.facilitator, extra, versions } }];
  });
  return (able.find(({ entry }) => !entry.isFailing()) ?? able[0])?.choice ?? null;
}

/** On Solana a payer needs to know who pays the fee; a kind without it cannot be paid. */
function isUsable({ scheme, network, extra }: SupportedKind): boolean {
  return scheme === "exact" && (!network.startsWith("solana") || typeof extra.feePayer === "string");
}

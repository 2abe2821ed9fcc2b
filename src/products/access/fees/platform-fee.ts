import { type Nanodollars, parseDollars } from "../../../money/nanodollars.ts";

/** What the platform takes of a sale: the general rate, and lower or higher ones from a month's volume on, ascending by `from`. */
export type PlatformFee = {
  readonly basisPoints: number;
  readonly tiers: readonly { readonly from: Nanodollars; readonly basisPoints: number }[];
};

const TIER = /^[0-9]{1,12}(\.[0-9]{1,9})?:[0-9]{1,5}$/;

/**
 * Reads `PLATFORM_FEE_TIERS`: dollars of a month's volume and basis points, such as `0:200,10000:150,100000:100`. Answers null where a
 * tier is malformed, above 10000 basis points, or named twice.
 */
export function parseFeeTiers(text: string): PlatformFee["tiers"] | null {
  const parts = text.split(",").map((part) => part.trim());
  if (text.trim() === "") return [];
  if (!parts.every((part) => TIER.test(part))) return null;
  const tiers = parts
    .map((part) => {
      const [dollars = "", basisPoints = ""] = part.split(":");
      return { from: parseDollars(dollars), basisPoints: Number(basisPoints) };
    })
    .sort((one, other) => Number(one.from > other.from) - Number(one.from < other.from));
  const isDouble = tiers.some(({ from }, place) => tiers[place + 1]?.from === from);
  return isDouble || tiers.some(({ basisPoints }) => basisPoints > 10_000) ? null : tiers;
}

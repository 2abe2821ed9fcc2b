import { z } from "zod";
import { isKeepableText } from "../../platform/http/wire-text.ts";

/** Text of a client, kept as it was sent. What no column can give back is refused. */
export const keptText = (length: { readonly minimum: number; readonly maximum: number }) =>
  z
    .string()
    .min(length.minimum)
    .max(length.maximum)
    .refine(isKeepableText, "has a zero character or half a surrogate pair");

/** The id of an asset as it stands in a path. Anything else is simply not found. */
export const AssetParams = z.object({ assetId: z.string().max(200) });

/** The token of a session as it stands in a path. Anything else is simply not found. */
export const SessionParams = z.object({ token: z.string().max(128) });

/** The id of a merchant as it stands in a path. */
export const MerchantParams = z.object({ id: keptText({ minimum: 1, maximum: 64 }) });

/** How answers of seed 001's merchant, asset and auth routes look. `extra` are members beside the three. */
export const success = <Data extends z.ZodType, Extra extends z.ZodRawShape>(data: Data, extra: Extra) =>
  z.object({ status: z.literal("success"), data, message: z.string(), ...extra });

/** Where a list of assets or merchants continues: the `nextCursor` of the page before. */
export const Cursor = z.string().regex(/^[0-9a-z_-]{1,80}$/, "expected the nextCursor of the page before");

/** How many rows a page has. */
export const PageLimit = z.coerce.number().int().min(1).max(200).default(50);

/** How many rows are passed over; a cursor is cheaper and misses none. */
export const PageOffset = z.coerce.number().int().min(0).max(10_000).default(0);

/** How long older keys go on working after they were replaced. */
export const OverlapSeconds = z
  .number()
  .int()
  .min(0)
  .max(604_800)
  .default(0)
  .meta({ description: "How long older keys go on working, so that nothing stops; 0 ends them now." });

const network = z.string().min(1).max(64);
const walletAddress = z.string().min(1).max(128);

/** What merchants write about themselves. */
export const MerchantFields = {
  name: keptText({ minimum: 1, maximum: 200 }).regex(/\S/, "expected more than blanks"),
  walletAddress: walletAddress.meta({
    description:
      "0x...: for every EVM network; base 58: for every Solana network. Names such as shop.sol are not resolved.",
  }),
  network,
  wallets: z
    .record(network, walletAddress)
    .meta({ description: "By network: its short name, CAIP-2 id, or name in x402 version 1." }),
  refundsUnused: z.boolean().meta({ description: "Whether time given back early becomes the buyer's balance." }),
} as const;

/** A body that changes something: one without any member is refused. */
export const requireChange = <Shape extends z.ZodType<object>>(shape: Shape) =>
  shape.refine((body) => Object.keys(body).length > 0, "expected at least one member to change");

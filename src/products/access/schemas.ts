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

/** How answers of seed 001's merchant, asset and auth routes look. `extra` are members beside the three. */
export const success = <Data extends z.ZodType, Extra extends z.ZodRawShape>(data: Data, extra: Extra) =>
  z.object({ status: z.literal("success"), data, message: z.string(), ...extra });

/** Where a list of assets or merchants continues: the `nextCursor` of the page before. */
export const Cursor = z.string().regex(/^[0-9a-z_-]{1,80}$/, "expected the nextCursor of the page before");

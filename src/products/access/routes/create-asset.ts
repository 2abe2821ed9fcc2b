import type { Knex } from "knex";
import { z } from "zod";
import type { Clock } from "../../../platform/clock.ts";
import { defineRoute } from "../../../platform/http/define-route.ts";
import type { AssetUnit } from "../asset.ts";
import { AssetFields, AssetView, showAsset } from "../assets/asset-view.ts";
import { createAsset } from "../assets/create-asset.ts";
import { success } from "../schemas.ts";

const CreateBody = z.strictObject({
  name: AssetFields.name,
  description: AssetFields.description.default(null),
  type: AssetFields.type,
  unit: AssetFields.unit.optional().meta({ description: "Absent: what the server sells by, a minute unless told." }),
  pricePerUnit: AssetFields.pricePerUnit,
  sessionSeconds: AssetFields.sessionSeconds.optional(),
  sessionMinutes: AssetFields.sessionMinutes.optional(),
  metadata: AssetFields.metadata.default({}),
  status: AssetFields.status.default("available"),
});

/** What creating assets needs; `defaultUnit` is the unit of an asset that names none. */
export type CreateAssetNeeds = { readonly database: Knex; readonly clock: Clock; readonly defaultUnit: AssetUnit };

/** One asset, as it is shown to everybody. */
export const OneAsset = success(AssetView, {});

/** POST /api/v1/assets [merchant key]. Puts a thing on sale. */
export const createAssetRoute = (needs: CreateAssetNeeds) =>
  defineRoute({
    operationId: "createAsset",
    summary: "Put an asset on sale",
    tags: ["assets"],
    dialect: "string",
    method: "post",
    path: "/api/v1/assets",
    auth: ["merchantKey"],
    rateLimit: "api",
    idempotency: "stored",
    body: CreateBody,
    takesFormType: true,
    reply: { status: 201, schema: OneAsset },
    problems: ["session_length_invalid", "metadata_too_large", "merchant_inactive"],
    handler: async ({ body, principal }) => {
      const { merchantId } = principal;
      const asset = await createAsset(needs, { merchantId, asset: { ...body, unit: body.unit ?? needs.defaultUnit } });
      return {
        status: 201 as const,
        body: { status: "success" as const, data: showAsset(asset), message: "The asset is on sale." },
        headers: { Location: `/api/v1/assets/${asset.id}/status` },
      };
    },
  });

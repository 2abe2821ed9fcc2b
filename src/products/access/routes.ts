import type { Knex } from "knex";
import type { ChainRegistry } from "../../integrations/chains/registry.ts";
import type { X402Network } from "../../integrations/x402/networks.ts";
import type { Clock } from "../../platform/clock.ts";
import type { Route } from "../../platform/http/define-route.ts";
import type { Logger } from "../../platform/logger.ts";
import type { MasterKey } from "../../platform/secrets.ts";
import type { AssetUnit } from "./asset.ts";
import { assetRoutes } from "./assets/routes.ts";
import type { PlatformFee } from "./fees/platform-fee.ts";
import { type FeeRouteNeeds, feeRoutes } from "./fees/routes.ts";
import { merchantRoutes } from "./merchants/routes.ts";
import { accessOperatorRoutes } from "./operators/routes.ts";
import type { PaymentNeeds } from "./payments/payment-needs.ts";
import { paymentRoutes } from "./payments/routes.ts";
import { type SessionRouteNeeds, sessionRoutes } from "./sessions/routes.ts";
import { tellingRoutes } from "./telling/routes.ts";

/** Everything the room's endpoints need. */
export type AccessRouteNeeds = FeeRouteNeeds &
  SessionRouteNeeds &
  PaymentNeeds & {
    readonly database: Knex;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly masterKey: MasterKey;
    readonly accessChains: ChainRegistry;
    readonly x402Networks: readonly X402Network[];
    readonly platformFee: PlatformFee;
    /** The unit of an asset that names none. */
    readonly defaultUnit: AssetUnit;
    /** Whether merchants may be told at private addresses: sandboxes only. */
    readonly allowPrivateHosts: boolean;
  };

/** Every endpoint of the access room (seed 001). */
export function accessRoutes(needs: AccessRouteNeeds): readonly Route[] {
  return [
    ...merchantRoutes(needs),
    ...assetRoutes(needs),
    ...paymentRoutes(needs),
    ...sessionRoutes(needs),
    ...feeRoutes(needs),
    ...tellingRoutes(needs),
    ...accessOperatorRoutes(needs),
  ];
}

import type { Knex } from "knex";
import type { ChainRegistry } from "../../../integrations/chains/registry.ts";
import type { Facilitators } from "../../../integrations/x402/facilitator.ts";
import type { X402Network } from "../../../integrations/x402/networks.ts";
import type { ReceiptKey } from "../../../integrations/x402/receipts.ts";
import type { SignIn } from "../../../integrations/x402/sign-in.ts";
import type { Ledger } from "../../../ledger/ledger.ts";
import type { Clock } from "../../../platform/clock.ts";
import type { Logger } from "../../../platform/logger.ts";
import type { MasterKey } from "../../../platform/secrets.ts";
import type { PlatformFee } from "../fees/platform-fee.ts";
import type { ProveNeeds } from "./settlement/prove-settlement.ts";

/** What it takes to write down how a payment ended; the worker has it too. */
export type ResolveNeeds = {
  readonly database: Knex;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
  readonly receiptKey: ReceiptKey;
  readonly accessChains: ChainRegistry;
  readonly x402Networks: readonly X402Network[];
  /** Where clients reach this server, without a slash at its end. */
  readonly publicUrl: string;
};

/** What it takes to make quotes. */
export type QuoteNeeds = {
  readonly database: Knex;
  readonly clock: Clock;
  readonly masterKey: MasterKey;
  readonly facilitators: Facilitators;
  readonly x402Networks: readonly X402Network[];
  /** The platform's own wallet on a network of the registry, for custodial merchants; null where there is none. */
  readonly settlementWalletOf: (network: string) => string | null;
  /** Where clients reach this server, without a slash at its end. */
  readonly publicUrl: string;
  readonly paymentTimeoutSeconds: number;
};

/** Everything a paid request needs. */
export type PaymentNeeds = ResolveNeeds &
  QuoteNeeds &
  ProveNeeds & {
    readonly logger: Logger;
    readonly signIn: SignIn;
    readonly platformFee: PlatformFee;
    /** Whether `PAY2` without a quote is taken; never in production. */
    readonly takesBarePayments: boolean;
  };

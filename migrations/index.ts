import { ledgerAccounts } from "./0001-ledger-accounts.ts";
import { ledgerCharges } from "./0001-ledger-charges.ts";
import { ledgerCheckpoints } from "./0001-ledger-checkpoints.ts";
import { ledgerPosting } from "./0001-ledger-posting.ts";
import { ledgerTables } from "./0001-ledger-tables.ts";
import { ledgerTriggers } from "./0001-ledger-triggers.ts";
import { ledgerUsage } from "./0001-ledger-usage.ts";
import { ledgerViews } from "./0001-ledger-views.ts";
import { identity } from "./0002-identity.ts";
import { platform } from "./0003-platform.ts";
import { ledgerVerifications } from "./0004-ledger-verifications.ts";
import { chains } from "./0005-chains.ts";
import { purchases } from "./0010-purchases.ts";
import { purchasesEvaluated } from "./0011-purchases-evaluated.ts";
import { chainsDeposits } from "./0012-chains-deposits.ts";
import { chainsFuelled } from "./0013-chains-fuelled.ts";
import { chainsOutgoing } from "./0014-chains-outgoing.ts";
import { chainsRefunds } from "./0015-chains-refunds.ts";
import { chainsSolana } from "./0016-chains-solana.ts";
import { operatorActions } from "./0017-operator-actions.ts";
import { operatorsWatch } from "./0018-operators-watch.ts";
import { chainReconciliations } from "./0019-chain-reconciliations.ts";
import { stuckItems } from "./0020-stuck-items.ts";
import { purchasesLifecycle } from "./0021-purchases-lifecycle.ts";
import { purchasesUsageRefusals } from "./0022-purchases-usage-refusals.ts";
import { purchasesAppstore } from "./0023-purchases-appstore.ts";
import { purchasesRotation } from "./0024-purchases-rotation.ts";
import { noticesDeliveries } from "./0025-notices-deliveries.ts";
import { noticesWebhooks } from "./0026-notices-webhooks.ts";
import { access } from "./0027-access.ts";
import { signInNonces } from "./0028-sign-in-nonces.ts";
import { facilitators } from "./0029-facilitators.ts";
import { accessMerchants } from "./0030-access-merchants.ts";
import { accessPayments } from "./0031-access-payments.ts";
import { accessFees } from "./0033-access-fees.ts";
import { accessPayouts } from "./0033-access-payouts.ts";
import { accessFinality } from "./0034-access-finality.ts";
import { accessTelling } from "./0035-access-telling.ts";
import { accessReversed } from "./0036-access-reversed.ts";
import { accessRefunds } from "./0037-access-refunds.ts";
import { accessFailed } from "./0038-access-failed.ts";
import { accessBatches } from "./0039-access-batches.ts";
import { accessCustody } from "./0040-access-custody.ts";
import { ledgerWakeOrder } from "./0041-ledger-wake-order.ts";
import { noticesRetention } from "./0041-notices-retention.ts";
import { facilitatorsDearer } from "./0044-facilitators-dearer.ts";
import type { Migration } from "./migration.ts";

/** Every migration in order. A new one adds its import and its line here. */
export const migrations: readonly Migration[] = [
  ledgerTables,
  ledgerUsage,
  ledgerTriggers,
  ledgerPosting,
  ledgerCharges,
  ledgerAccounts,
  ledgerViews,
  ledgerCheckpoints,
  identity,
  platform,
  ledgerVerifications,
  chains,
  purchases,
  purchasesEvaluated,
  chainsDeposits,
  chainsFuelled,
  chainsOutgoing,
  chainsRefunds,
  chainsSolana,
  operatorActions,
  purchasesLifecycle,
  purchasesUsageRefusals,
  purchasesAppstore,
  purchasesRotation,
  noticesDeliveries,
  noticesWebhooks,
  operatorsWatch,
  chainReconciliations,
  stuckItems,
  access,
  signInNonces,
  facilitators,
  accessMerchants,
  accessPayments,
  accessFees,
  accessPayouts,
  accessFinality,
  accessTelling,
  accessReversed,
  accessRefunds,
  accessFailed,
  accessBatches,
  accessCustody,
  ledgerWakeOrder,
  noticesRetention,
  facilitatorsDearer,
];

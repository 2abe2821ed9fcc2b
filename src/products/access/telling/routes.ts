import type { Route } from "../../../platform/http/define-route.ts";
import { getMerchantPaymentRoute } from "../routes/get-merchant-payment.ts";
import { getMerchantWebhookRoute } from "../routes/get-merchant-webhook.ts";
import { listAccessPaymentLogRoute } from "../routes/list-access-payment-log.ts";
import { listMerchantEventsRoute } from "../routes/list-merchant-events.ts";
import { listMerchantPaymentLogRoute } from "../routes/list-merchant-payment-log.ts";
import { listMerchantPaymentsRoute } from "../routes/list-merchant-payments.ts";
import { redeliverMerchantEventRoute } from "../routes/redeliver-merchant-event.ts";
import { removeMerchantWebhookRoute } from "../routes/remove-merchant-webhook.ts";
import { rotateMerchantWebhookSecretRoute } from "../routes/rotate-merchant-webhook-secret.ts";
import { setMerchantWebhookRoute } from "../routes/set-merchant-webhook.ts";
import { testMerchantWebhookRoute } from "../routes/test-merchant-webhook.ts";
import type { WebhookNeeds } from "./merchant-webhook.ts";

/** The endpoints by which merchants are told, and by which they and operators read what became of every try to pay. */
export function tellingRoutes(needs: WebhookNeeds): readonly Route[] {
  return [
    getMerchantWebhookRoute(needs),
    setMerchantWebhookRoute(needs),
    removeMerchantWebhookRoute(needs),
    rotateMerchantWebhookSecretRoute(needs),
    testMerchantWebhookRoute(needs),
    listMerchantEventsRoute(needs),
    redeliverMerchantEventRoute(needs),
    listMerchantPaymentsRoute(needs),
    getMerchantPaymentRoute(needs),
    listMerchantPaymentLogRoute(needs),
    listAccessPaymentLogRoute(needs),
  ];
}

import {
  checkedAddress,
  type Resolve,
  readOutboundUrl,
  systemResolve,
} from "../../../platform/outbound/checked-address.ts";
import { OutboundUnreachable } from "../../../platform/outbound/errors.ts";
import { WebhookUrlRefused } from "../telling-errors.ts";

const LONGEST_URL = 2_048;

/** What judging an address needs. `allowPrivateHosts` is for sandboxes: it also lets http pass. */
export type AddressNeeds = { readonly allowPrivateHosts: boolean; readonly resolve?: Resolve };

/**
 * Reads an address that webhooks are to go to; nothing is called. It is read again before every delivery, because a name may point
 * elsewhere tomorrow. Throws `webhook_url_refused`, and `outbound_address_refused` for what is not on the public internet.
 */
export function readWebhookUrl(needs: Pick<AddressNeeds, "allowPrivateHosts">, text: string): URL {
  if (text.length > LONGEST_URL) throw new WebhookUrlRefused(`it is longer than ${LONGEST_URL} characters`);
  const url = readOutboundUrl(text, needs.allowPrivateHosts);
  if (url.protocol !== "https:" && !needs.allowPrivateHosts) throw new WebhookUrlRefused("only https is called");
  if (url.hash !== "") throw new WebhookUrlRefused("it has a fragment, which is never sent");
  return url;
}

/** Reads an address and looks its name up once. Throws as {@link readWebhookUrl}; also when the name has no address. */
export async function checkWebhookUrl(needs: AddressNeeds, text: string): Promise<URL> {
  const url = readWebhookUrl(needs, text);
  const lookup = { resolve: needs.resolve ?? systemResolve, privateHosts: needs.allowPrivateHosts };
  await checkedAddress(lookup, url).catch((error: unknown) => {
    if (error instanceof OutboundUnreachable) throw new WebhookUrlRefused("its name has no address");
    throw error;
  });
  return url;
}

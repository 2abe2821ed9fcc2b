import { freePort } from "../../sandbox/parts/ports.ts";
import { type InboxPart, startWebhookInbox } from "../../sandbox/parts/webhook-inbox.ts";

/** A webhook inbox of one test file's own, empty, kept in memory. */
export async function startTestInbox(): Promise<InboxPart> {
  return startWebhookInbox({ port: await freePort() });
}

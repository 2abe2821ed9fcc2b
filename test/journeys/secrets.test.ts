import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { HDNodeWallet, Wallet } from "ethers";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { z } from "zod";
import { type Bought, type Buyer, openBuyer, openMeter } from "../../sandbox/demo/buyer.ts";
import { callApi } from "../../sandbox/demo/http.ts";
import { S3_OFFER } from "../../sandbox/demo/s3-sale.ts";
import { keepFacilitatorKeys } from "../../sandbox/facilitator-keys.ts";
import { keepSecrets } from "../../sandbox/secrets.ts";
import { DEPOSIT_ACCOUNT_PATH, VENDOR_WALLET_PATH } from "../../src/integrations/chains/evm/key-ring.ts";
import { readFeePayerKeys } from "../../src/integrations/chains/fee-payer-keystore.ts";
import { encodeBase58 } from "../../src/integrations/chains/solana/base58.ts";
import { evmMissing } from "../support/evm.ts";
import { s3Missing } from "../support/s3.ts";
import { solanaMissing } from "../support/solana.ts";
import { temporalMissing } from "../support/temporal.ts";
import { startTestWorld, type TestWorld } from "../support/world.ts";
import { liveAccess } from "./access-life.ts";

const missing = evmMissing ?? s3Missing ?? temporalMissing;
const FACILITATOR_TOKEN = randomBytes(24).toString("base64url");
const CustomerKey = z.object({ customer_billing_api_key: z.string() });
const VendorKey = z.object({ vendor_billing_api_key: z.string() });

let world: TestWorld;
let buyer: Buyer;
beforeAll(async () => {
  if (missing !== undefined) return;
  world = await startTestWorld({ GRACE_SECONDS: "2", RATE_LIMITS: "off", FACILITATOR_TOKEN });
  buyer = openBuyer(world.description);
}, 600_000);
afterAll(async () => {
  buyer?.close();
  await world?.stop();
});

const folder = () => join(inject("runDirectory"), `world-${process.pid}`);
const post = <Schema extends z.ZodType>(path: string, key: string, body: unknown, schema: Schema) =>
  callApi(world.description.api, { method: "POST", path, key, body, idempotencyKey: `one${path}` }, schema);

/** A whole life, with everything in it that shows or makes a secret. Answers those secrets by name. */
async function live(): Promise<{ readonly bought: Bought; readonly secrets: Readonly<Record<string, string>> }> {
  const session = await buyer.initiate(S3_OFFER);
  await buyer.pay(session.crypto_checkout.receiving_address, 5_000_000n);
  await buyer.awaitPaid(session, 60);
  const bought = await buyer.finalize(session);
  await buyer.awaitStatus(bought, ["active"], 60);
  const { purchaseId, customerKey } = bought;
  const first = await buyer.credentials(bought);
  await openMeter(world.description, purchaseId).charge("0.5");
  const vendorKeyPath = `/admin/purchases/${purchaseId}/vendor-key`;
  const vendor = await post(vendorKeyPath, world.description.keys.admin, { rotate: true }, VendorKey);
  const customer = await post(`/purchase/${purchaseId}/customer-key/rotate`, customerKey, {}, CustomerKey);
  const living = { ...bought, customerKey: customer.customer_billing_api_key };
  await post(`/purchase/${purchaseId}/credentials/rotate`, living.customerKey, {}, z.object({ status: z.string() }));
  const second = await buyer.credentials(living);
  await post(`/purchase/${purchaseId}/cancel`, living.customerKey, { confirm: true }, z.object({ status: z.string() }));
  await buyer.awaitStatus(living, ["terminated"], 120);
  return {
    bought: living,
    secrets: {
      checkoutSession: session.checkout_session_id,
      customerKey,
      rotatedCustomerKey: living.customerKey,
      rotatedVendorKey: vendor.vendor_billing_api_key,
      bucketSecret: first.secret_access_key,
      rotatedBucketSecret: second.secret_access_key,
    },
  };
}

/** What the operator's own files hold, and the keys behind them. */
async function kept(): Promise<Readonly<Record<string, string>>> {
  const { masterKey, adminToken, webhookSecret, signerPassword, keystoreFile } = await keepSecrets(folder());
  const { description } = world;
  const wallet = Wallet.fromEncryptedJsonSync(readFileSync(keystoreFile, "utf8"), signerPassword);
  if (!(wallet instanceof HDNodeWallet) || wallet.mnemonic === null) throw new Error("the keystore has no phrase");
  const root = HDNodeWallet.fromMnemonic(wallet.mnemonic, "m");
  const keyAt = (path: string) => root.derivePath(path).privateKey.slice(2);
  return {
    ...{ masterKey, adminToken, webhookSecret, signerPassword },
    organisationKey: description.officex.orgApiKey,
    storeSecret: description.s3.secretAccessKey,
    databasePassword: new URL(description.postgres).password,
    ownerPassword: new URL(description.postgresOwner).password,
    phrase: wallet.mnemonic.phrase,
    entropy: wallet.mnemonic.entropy.slice(2),
    vendorWalletKey: keyAt(VENDOR_WALLET_PATH),
    firstDepositKey: keyAt(`${DEPOSIT_ACCOUNT_PATH}/0`),
  };
}

/** Every row of every table as text; bytes as hex. */
async function readRows(): Promise<string> {
  const tables = await world.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const rows = await world.query<{ text: string }>(`SELECT row_to_json(t)::text AS text FROM ${name} t`);
    texts.push(...rows.map(({ text }) => text));
  }
  return texts.join("\n");
}

/** Every file below a folder of the world's: logs, or Temporal's database, in which each history is. */
function readFiles(name: string): string {
  const entries = readdirSync(join(folder(), name), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
}

/** Which secret is where, in whatever spelling. */
function findSecrets(
  secrets: readonly (readonly [string, string])[],
  places: Readonly<Record<string, string>>,
): readonly string[] {
  return Object.entries(places).flatMap(([place, text]) =>
    secrets.flatMap(([name, secret]) => {
      const spellings = [secret, Buffer.from(secret).toString("hex"), Buffer.from(secret).toString("base64")];
      return spellings.some((spelling) => text.includes(spelling)) ? [`${name} in ${place}`] : [];
    }),
  );
}

/** What only our facilitator has, and what it shares with those who may ask it. */
async function keptByFacilitator(): Promise<Readonly<Record<string, string>>> {
  const { keystoreFile, passwordFile } = await keepFacilitatorKeys(folder());
  const password = readFileSync(passwordFile, "utf8");
  const keys = await readFeePayerKeys({ keystoreJson: readFileSync(keystoreFile, "utf8"), password });
  return {
    facilitatorToken: FACILITATOR_TOKEN,
    facilitatorPassword: password,
    feePayerEvm: Buffer.from(keys.evm).toString("hex"),
    feePayerSolana: Buffer.from(keys.solana).toString("hex"),
    feePayerSolanaBase58: encodeBase58(keys.solana),
  };
}

describe.skipIf(missing !== undefined)(`secrets${missing === undefined ? "" : ` (skipped: ${missing})`}`, () => {
  it("C20: no key or password is in a row, a log, a history or a mail after a whole life of a purchase", async () => {
    const { bought, secrets } = await live();
    const all = Object.entries({ ...secrets, ...(await kept()) });
    const mails = await (await fetch(world.description.mail.messages)).text();
    const notices = await (await fetch(world.parts.inbox.messagesUrl)).text();
    const places = {
      rows: await readRows(),
      logs: readFiles("logs"),
      histories: readFiles("temporal"),
      mails,
      notices,
    };
    // They were really looked through: each says what only it can know.
    const seen = Object.entries(places).filter(([place, text]) =>
      text.includes(place === "logs" ? "tollkeeper-worker" : bought.purchaseId),
    );
    expect(seen.map(([place]) => place)).toEqual(Object.keys(places));
    expect(findSecrets(all, places)).toEqual([]);
    expect(all.every(([, secret]) => secret.length >= 16)).toBe(true);
  }, 300_000);

  it.skipIf(solanaMissing)(
    "C20: no token, quote secret, key or signed payment of access is in a row, a log, a history or a webhook",
    async () => {
      const { sessionId, secrets } = await liveAccess(world);
      const all = Object.entries({ ...secrets, ...(await keptByFacilitator()) });
      const notices = await (await fetch(world.parts.inbox.messagesUrl)).text();
      const places = { rows: await readRows(), logs: readFiles("logs"), histories: readFiles("temporal"), notices };
      const seen = Object.entries(places).filter(([place, text]) =>
        text.includes(place === "logs" ? "tollkeeper-facilitator" : sessionId),
      );
      expect(seen.map(([place]) => place)).toEqual(Object.keys(places));
      expect(findSecrets(all, places)).toEqual([]);
      expect(all.every(([, secret]) => secret.length >= 16)).toBe(true);
    },
  );
});

import { Sha256 } from "@aws-crypto/sha256-js";
import { SignatureV4 } from "@smithy/signature-v4";
import type { BucketCredentials } from "./bucket-access.ts";
import { StorageAccessDenied, StorageRequestRefused, StorageUnavailable } from "./errors.ts";

const TIMEOUT_MS = 10_000;

/** Where versitygw's user administration listens and the root credentials it believes. */
export type VersitygwAdmin = {
  readonly adminEndpoint: string;
  readonly region: string;
  readonly credentials: BucketCredentials;
};

/** Makes an S3 user without any rights of its own. Answers false when the access key is in use already. */
export async function createUser(admin: VersitygwAdmin, input: BucketCredentials): Promise<boolean> {
  const { accessKeyId, secretAccessKey } = input;
  const fields = `<Access>${escapeXml(accessKeyId)}</Access><Secret>${escapeXml(secretAccessKey)}</Secret>`;
  const status = await patch(admin, "/create-user", {}, `<Account>${fields}<Role>user</Role></Account>`);
  return status !== 409;
}

/** Removes a user; its requests then fail with InvalidAccessKeyId. No such user is success. */
export async function deleteUser(admin: VersitygwAdmin, input: { readonly accessKeyId: string }): Promise<void> {
  await patch(admin, "/delete-user", { access: input.accessKeyId }, "");
}

/** One signed call as `versitygw admin` makes it: PATCH, service name s3, body as XML. Answers 2xx, 404 or 409. */
async function patch(
  admin: VersitygwAdmin,
  path: string,
  query: Readonly<Record<string, string>>,
  body: string,
): Promise<number> {
  const url = new URL(path, admin.adminEndpoint);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const headers = await signedHeaders(admin, url, query, body);
  const action = `storage user administration ${path}`;
  let answer: Response;
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    answer = await fetch(url, { method: "PATCH", headers, body: body === "" ? null : body, redirect: "error", signal });
    await answer.body?.cancel();
  } catch (cause) {
    throw new StorageUnavailable({ detail: `${action}: no answer`, cause });
  }
  const { status } = answer;
  if (answer.ok || status === 404 || status === 409) return status;
  const detail = `${action}: HTTP ${status}`;
  if (status >= 500 || status === 429) throw new StorageUnavailable({ detail });
  throw status === 401 || status === 403 ? new StorageAccessDenied({ detail }) : new StorageRequestRefused({ detail });
}

async function signedHeaders(
  admin: VersitygwAdmin,
  url: URL,
  query: Readonly<Record<string, string>>,
  body: string,
): Promise<Record<string, string>> {
  const { credentials, region } = admin;
  const signer = new SignatureV4({ service: "s3", region, credentials, sha256: Sha256, uriEscapePath: false });
  const signed = await signer.sign({
    method: "PATCH",
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    query: { ...query },
    headers: { host: url.host },
    body,
  });
  const { host: _, ...headers } = signed.headers;
  return headers;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

import { IAMClient } from "@aws-sdk/client-iam";
import { ListBucketsCommand, S3Client } from "@aws-sdk/client-s3";
import type { BucketAccess, BucketCredentials } from "./bucket-access.ts";
import type { BucketNeeds } from "./bucket-ownership.ts";
import type { PublicProbe } from "./bucket-protection.ts";
import { iamAccess } from "./iam-access.ts";
import { attempt } from "./service-failure.ts";
import { versitygwAccess } from "./versitygw-access.ts";

const MAX_ATTEMPTS = 3;
const CONNECT_TIMEOUT_MS = 3_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 30_000;

/**
 * Where buckets are made and who makes their users. Without `endpoint` it is AWS; without `credentials` the SDK's own chain
 * (role, profile) signs. `adminEndpoint` is IAM's address, or versitygw's administration port when it is not the S3 one.
 * `identity: "versitygw"` needs endpoint and credentials.
 */
export type StorageOptions = {
  readonly region: string;
  readonly identity: "iam" | "versitygw";
  readonly endpoint?: string;
  readonly credentials?: BucketCredentials;
  readonly adminEndpoint?: string;
  /** How long one attempt may take; 30,000 when absent. */
  readonly requestTimeoutMs?: number;
};

/** The object store with the right to make users for it: what every bucket step takes as its needs. */
export type Storage = BucketNeeds &
  PublicProbe & {
    readonly access: BucketAccess;
    /** Handed to customers with their keys, beside `endpoint`. */
    readonly region: string;
    /** Closes idle connections; nothing may be called afterwards. */
    readonly close: () => void;
  };

/** Builds the store's adapters; opens no connection. Every call is bounded: 3 attempts, 3 s to connect, 30 s each. */
export function createStorage(options: StorageOptions): Storage {
  const { region, endpoint, credentials } = options;
  const requestTimeout = options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
  const shared = {
    region,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout,
      // Without it the SDK only warns; the socket timeout also ends a body that stops half-way.
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeout,
    },
    ...(credentials === undefined ? {} : { credentials }),
  };
  const s3 = new S3Client({ ...shared, ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }) });
  const users = userAdministration(options, s3, shared);
  return {
    s3,
    access: users.access,
    region,
    endpoint: endpoint ?? `https://s3.${region}.amazonaws.com`,
    close: () => {
      s3.destroy();
      users.close();
    },
  };
}

/** Asks the store for one bucket name; reads only. Failures: `storage_unavailable`, `access_denied`. For `/readyz`. */
export async function checkStorage(needs: BucketNeeds): Promise<void> {
  await attempt("look at the object store", () => needs.s3.send(new ListBucketsCommand({ MaxBuckets: 1 })));
}

type Users = { readonly access: BucketAccess; readonly close: () => void };

function userAdministration(options: StorageOptions, s3: S3Client, shared: object): Users {
  const { identity, region, endpoint, credentials, adminEndpoint } = options;
  if (identity === "iam") {
    const iam = new IAMClient({ ...shared, ...(adminEndpoint === undefined ? {} : { endpoint: adminEndpoint }) });
    return { access: iamAccess({ s3, iam }), close: () => iam.destroy() };
  }
  const address = adminEndpoint ?? endpoint;
  if (address === undefined || credentials === undefined) {
    throw new Error("A versitygw store needs its endpoint and its root credentials.");
  }
  const access = versitygwAccess({ s3, admin: { adminEndpoint: address, region, credentials } });
  return { access, close: () => undefined };
}

import { DecryptCommand, GetPublicKeyCommand, KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { KeyServiceUnavailable } from "./errors.ts";

/** Keys that never leave a key service. Bytes are DER where keys and signatures are meant. */
export type KeyVault = {
  /** The public key of an asymmetric key, as SubjectPublicKeyInfo. */
  readPublicKey(keyId: string): Promise<Uint8Array>;
  /** An ECDSA signature of a 32-byte digest, made inside the service. Another one each time. */
  signDigest(keyId: string, digest: Uint8Array): Promise<Uint8Array>;
  /** What was encrypted under a key of the service. */
  decrypt(ciphertext: Uint8Array): Promise<Uint8Array>;
  close(): void;
};

/** Opens AWS KMS, or with `endpoint` something that speaks its protocol. Every method throws `KeyServiceUnavailable`. */
export function openKeyVault(options: {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}): KeyVault {
  const client = new KMSClient({ ...options, maxAttempts: 3 });
  return {
    readPublicKey: (keyId) =>
      answered(
        "show a public key",
        async () => (await client.send(new GetPublicKeyCommand({ KeyId: keyId }))).PublicKey,
      ),
    signDigest: (keyId, digest) =>
      answered("sign", async () => {
        const request = {
          KeyId: keyId,
          Message: digest,
          MessageType: "DIGEST",
          SigningAlgorithm: "ECDSA_SHA_256",
        } as const;
        return (await client.send(new SignCommand(request))).Signature;
      }),
    decrypt: (ciphertext) =>
      answered(
        "decrypt",
        async () => (await client.send(new DecryptCommand({ CiphertextBlob: ciphertext }))).Plaintext,
      ),
    close: () => client.destroy(),
  };
}

/** The service's own name of a failure is public and short; its message may name accounts and keys. */
async function answered(action: string, ask: () => Promise<Uint8Array | undefined>): Promise<Uint8Array> {
  let bytes: Uint8Array | undefined;
  try {
    bytes = await ask();
  } catch (error) {
    throw new KeyServiceUnavailable(action, error instanceof Error ? error.name : "an unknown failure");
  }
  if (bytes === undefined) throw new KeyServiceUnavailable(action, "the answer was empty");
  return bytes;
}

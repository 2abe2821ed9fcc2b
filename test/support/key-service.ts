import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { getBytes, SigningKey } from "ethers";
import { z } from "zod";

const CURVE_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
/** SubjectPublicKeyInfo of an uncompressed secp256k1 point, up to the point. Source: RFC 5480. */
const SPKI_HEAD = Buffer.from("3056301006072a8648ce3d020106052b8104000a034200", "hex");
const Request = z.object({
  KeyId: z.string().optional(),
  Message: z.string().optional(),
  MessageType: z.string().optional(),
  CiphertextBlob: z.string().optional(),
});

/** A key service that speaks AWS KMS's protocol and really signs and decrypts, with keys of its own. */
export async function startKeyService() {
  const key = new SigningKey(randomBytes(32));
  const secret = randomBytes(32);
  const state = { isDown: false, signs: [] as string[] };
  const actions: Record<string, (asked: z.infer<typeof Request>) => Record<string, unknown>> = {
    "TrentService.GetPublicKey": () => ({
      PublicKey: Buffer.concat([SPKI_HEAD, getBytes(key.publicKey)]).toString("base64"),
    }),
    "TrentService.Sign": ({ Message = "", MessageType }) => {
      if (MessageType !== "DIGEST") throw new Error("ValidationException");
      const { r, s } = key.sign(Buffer.from(Message, "base64"));
      state.signs.push(Message);
      // Every other signature has the larger s, as real ones have.
      const flipped = state.signs.length % 2 === 0 ? BigInt(s) : CURVE_ORDER - BigInt(s);
      return { Signature: der(BigInt(r), flipped).toString("base64") };
    },
    "TrentService.Decrypt": ({ CiphertextBlob = "" }) => {
      const blob = Buffer.from(CiphertextBlob, "base64");
      const decipher = createDecipheriv("aes-256-gcm", secret, blob.subarray(0, 12));
      decipher.setAuthTag(blob.subarray(12, 28));
      const plaintext = Buffer.concat([decipher.update(blob.subarray(28)), decipher.final()]);
      return { Plaintext: plaintext.toString("base64") };
    },
  };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const action = actions[String(request.headers["x-amz-target"])];
      response.setHeader("content-type", "application/x-amz-json-1.1");
      try {
        if (state.isDown || action === undefined) throw new Error("KMSInternalException");
        response.end(JSON.stringify(action(Request.parse(JSON.parse(body)))));
      } catch {
        response.statusCode = 400;
        response.end(JSON.stringify({ __type: "InvalidCiphertextException", message: "of key arn:secret" }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the key service has no port");
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    state,
    encrypt: (plaintext: string): Buffer => {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", secret, nonce);
      const sealed = Buffer.concat([cipher.update(plaintext, "utf8"), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

function der(r: bigint, s: bigint): Buffer {
  const body = Buffer.concat([integer(r), integer(s)]);
  return Buffer.concat([Buffer.from([0x30, body.length]), body]);
}

function integer(value: bigint): Buffer {
  const digits = value.toString(16);
  const bytes = Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, "hex");
  const padded = (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
  return Buffer.concat([Buffer.from([0x02, padded.length]), padded]);
}

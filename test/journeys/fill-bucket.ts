import { createHash, createHmac } from "node:crypto";
import { Agent, request } from "node:http";

const SERVICE = "s3";
const LANES = 32;

/** Where objects are put and with whose keys. */
export type FillTarget = {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly bucket: string;
};

/**
 * Puts `count` objects of one byte, named by `keyOf`, signed by hand: AWS's own client needs a millisecond of processor per object, which
 * is minutes for a hundred thousand. Throws at the first answer that is not 200.
 */
export async function fillBucket(
  target: FillTarget,
  input: { readonly count: number; readonly keyOf: (index: number) => string },
): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: LANES });
  const sign = signer(target);
  let next = 0;
  const lane = async () => {
    for (let index = next++; index < input.count; index = next++) {
      await put(target, { agent, path: `/${target.bucket}/${input.keyOf(index)}`, sign });
    }
  };
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    agent.destroy();
  }
}

type Sign = (path: string, now: Date) => Readonly<Record<string, string>>;

function put(
  { endpoint }: FillTarget,
  { agent, path, sign }: { readonly agent: Agent; readonly path: string; readonly sign: Sign },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { ...sign(path, new Date()), "content-length": "1" };
    const sent = request(`${endpoint}${path}`, { method: "PUT", agent, headers }, (answer) => {
      answer.resume();
      answer.on("error", reject);
      answer.on("end", () =>
        answer.statusCode === 200 ? resolve() : reject(new Error(`PUT ${path} was answered ${answer.statusCode}`)),
      );
    });
    sent.on("error", reject);
    sent.end("x");
  });
}

/** Signature version 4 of a PUT whose body is not signed; the day's key is derived once. */
function signer({ endpoint, region, accessKeyId, secretAccessKey }: FillTarget): Sign {
  const { host } = new URL(endpoint);
  const keys = new Map<string, Buffer>();
  const keyOf = (day: string) => {
    const known =
      keys.get(day) ?? [day, region, SERVICE, "aws4_request"].reduce(hmac, Buffer.from(`AWS4${secretAccessKey}`));
    keys.set(day, known);
    return known;
  };
  return (path, now) => {
    const time = now.toISOString().replace(/[-:]|\.\d{3}/g, "");
    const day = time.slice(0, 8);
    const scope = `${day}/${region}/${SERVICE}/aws4_request`;
    const signed = { host, "x-amz-content-sha256": "UNSIGNED-PAYLOAD", "x-amz-date": time };
    const lines = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`);
    const names = Object.keys(signed).join(";");
    const asked = createHash("sha256").update(`PUT\n${path}\n\n${lines.join("")}\n${names}\nUNSIGNED-PAYLOAD`);
    const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${asked.digest("hex")}`;
    const signature = hmac(keyOf(day), text).toString("hex");
    const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope},SignedHeaders=${names},Signature=${signature}`;
    return { ...signed, authorization };
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

import { type createPublicKey, generateKeyPairSync } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { jwtVerify } from "jose";

/** What the stand-in does with the next call to a path, instead of passing it on and answering as the facilitator behind it did. */
export type PayaiFault =
  /** Answers at once, without anybody being asked. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly body: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Lets the facilitator do its work, and then answers this. */
  | { readonly kind: "answer_after"; readonly status: number; readonly body: string }
  /** Lets the facilitator do its work, and never answers. */
  | { readonly kind: "silence" }
  /** Answers only its headers, and never the body they promise. Nobody is asked. */
  | { readonly kind: "headers_only" }
  /** Answers a byte every few milliseconds, for ever: no pause is ever long. Nobody is asked. */
  | { readonly kind: "drip" }
  /** Lets the facilitator do its work, and then drips. */
  | { readonly kind: "drip_after" }
  /** Cuts the connection, before anybody was asked. */
  | { readonly kind: "cut" };

/** PayAI's facilitator as its documentation describes it: its authentication, and behind it whatever facilitator it is given. */
export type TestPayai = {
  readonly url: string;
  readonly keyId: string;
  /** As PayAI's console shows it once. */
  readonly keySecret: string;
  readonly fail: (path: "/verify" | "/settle" | "/supported", fault: PayaiFault | null) => void;
  readonly calls: readonly { readonly path: string; readonly headers: IncomingMessage["headers"] }[];
  readonly stop: () => Promise<void>;
};

/** Starts a stand-in. `behind` is the facilitator that does the work; without it every path answers 404. */
export async function startTestPayai(behind?: string): Promise<TestPayai> {
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const keyId = "key-of-these-tests";
  const faults = new Map<string, PayaiFault>();
  const calls: { path: string; headers: IncomingMessage["headers"] }[] = [];
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    calls.push({ path, headers: request.headers });
    serve({ request, response, path }, { behind, fault: faults.get(path), publicKey, keyId }).catch(() =>
      response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  return {
    url: `http://127.0.0.1:${port}`,
    keyId,
    keySecret: `payai_sk_${der.toString("base64")}`,
    fail: (path, fault) => void (fault === null ? faults.delete(path) : faults.set(path, fault)),
    calls,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const DRIP_MS = 20;

type Exchange = { readonly request: IncomingMessage; readonly response: ServerResponse; readonly path: string };
type Setting = {
  readonly behind: string | undefined;
  readonly fault: PayaiFault | undefined;
  readonly publicKey: ReturnType<typeof createPublicKey>;
  readonly keyId: string;
};

async function serve(
  { request, response, path }: Exchange,
  { behind, fault, publicKey, keyId }: Setting,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  if (fault?.kind === "cut") return void request.socket.destroy();
  if (fault?.kind === "headers_only") return void response.writeHead(200, { "content-length": "512" }).flushHeaders();
  if (fault?.kind === "drip") return drip(response);
  if (fault?.kind === "answer") return void response.writeHead(fault.status, fault.headers).end(fault.body);
  if (!(await isAdmitted(request.headers.authorization, { publicKey, keyId }))) {
    return void response.writeHead(401).end(JSON.stringify({ error: "invalid API key" }));
  }
  if (behind === undefined) return void response.writeHead(404).end();
  const answer = await fetch(`${behind}${path}`, {
    method: request.method ?? "GET",
    headers: { "content-type": "application/json" },
    ...(request.method === "POST" ? { body: Buffer.concat(chunks) } : {}),
  });
  const body = await answer.text();
  if (fault?.kind === "silence") return;
  if (fault?.kind === "drip_after") return drip(response);
  if (fault?.kind === "answer_after") return void response.writeHead(fault.status).end(fault.body);
  response.writeHead(answer.status, { "content-type": "application/json" }).end(body);
}

/** Begins as an answer does that is going to be a good one. */
function drip(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json" }).write('{"success":true,"transaction":"0x');
  const timer = setInterval(() => response.write("a"), DRIP_MS);
  response.on("close", () => clearInterval(timer));
}

/** No key is the free lane; a bad one is refused, never downgraded. */
async function isAdmitted(header: string | undefined, key: Pick<Setting, "publicKey" | "keyId">): Promise<boolean> {
  if (header === undefined) return true;
  try {
    const { payload, protectedHeader } = await jwtVerify(header.replace(/^Bearer /, ""), key.publicKey, {
      issuer: "payai-merchant",
      subject: key.keyId,
      maxTokenAge: "120 s",
      requiredClaims: ["jti", "exp"],
    });
    return protectedHeader.kid === key.keyId && (payload.exp ?? 0) - (payload.iat ?? 0) <= 120;
  } catch {
    return false;
  }
}

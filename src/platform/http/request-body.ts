import type { IncomingMessage } from "node:http";
import { BodyTooLarge, UnsupportedEncoding, UnsupportedMediaType } from "./errors.ts";

/** The caller hung up before its request was complete: there is nobody left to answer. */
export class CallerGone extends Error {
  constructor() {
    super("The caller hung up before its request was complete.");
    this.name = "CallerGone";
  }
}

const EMPTY: Buffer = Buffer.alloc(0);
const JSON_TYPE = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;(.*))?$/i;
const CHARSET = /(?:^|;)\s*charset\s*=\s*"?([^";\s]+)"?/i;

/** Whether the request brings a body (RFC 9112 section 6.3). */
export function hasBody(request: IncomingMessage): boolean {
  const length = request.headers["content-length"];
  return request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

/**
 * Throws 415 unless the body is uncompressed JSON in UTF-8 (or plain ASCII, its subset). `asForm` also takes the type that `curl -d` names
 * when it is told none; the body must be JSON all the same.
 */
export function requireJson(request: IncomingMessage, named: "asJson" | "asForm" = "asJson"): void {
  const type = request.headers["content-type"];
  const isForm = named === "asForm" && type === "application/x-www-form-urlencoded";
  if (type !== "application/json" && !isForm) checkJsonType(type);
  requireUncompressed(request);
}

function checkJsonType(type: string | undefined): void {
  const match = type === undefined ? null : JSON_TYPE.exec(type);
  if (match === null) throw new UnsupportedMediaType("Send the body as application/json.");
  const charset = CHARSET.exec(match[1] ?? "")?.[1]?.toLowerCase();
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8" && charset !== "us-ascii") {
    throw new UnsupportedMediaType("Send the body in UTF-8.");
  }
}

/** Throws 415 when the body is compressed. */
export function requireUncompressed(request: IncomingMessage): void {
  const encoding = request.headers["content-encoding"];
  if (encoding !== undefined && encoding !== "identity") throw new UnsupportedEncoding();
}

/**
 * Reads the whole body into memory, at most `limitBytes`. A declared length beyond it is refused before a byte is read. Rejects with
 * 413 `body_too_large`, or {@link CallerGone}.
 */
export function readBody(request: IncomingMessage, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers["content-length"] ?? 0) > limitBytes) {
      reject(new BodyTooLarge(limitBytes));
      return;
    }
    let first = EMPTY;
    let rest: Buffer[] | undefined;
    let size = 0;
    let isDone = false;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limitBytes) {
        request.pause();
        reject(new BodyTooLarge(limitBytes));
      } else if (first === EMPTY) first = chunk;
      else if (rest === undefined) rest = [first, chunk];
      else rest.push(chunk);
    });
    request.on("end", () => {
      isDone = true;
      resolve(rest === undefined ? first : Buffer.concat(rest));
    });
    request.on("error", () => reject(new CallerGone()));
    request.on("close", () => {
      if (!isDone) reject(new CallerGone());
    });
  });
}

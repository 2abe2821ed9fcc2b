import { isUtf8 } from "node:buffer";
import { MalformedJson } from "./errors.ts";

/** Deepest nesting accepted. Deeper documents are attacks on recursive code, not requests. */
const MAXIMUM_DEPTH = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const NINE = 0x39;
const ZERO = 0x30;
const MINUS = 0x2d;
const WHITESPACE = new Set([0x20, 0x09, 0x0a, 0x0d]);
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/**
 * Parses a body as JSON, more strictly than `JSON.parse`: a duplicate member is refused (a proxy may have judged the other one), so
 * are `__proto__` members, nesting beyond 64 levels, numbers beyond a double (`1e400`) and bytes that are not UTF-8. A leading
 * byte order mark is skipped (RFC 8259 section 8.1). Throws 400 {@link MalformedJson}.
 */
export function parseStrictJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new MalformedJson("The body is not UTF-8.");
  const text = bytes.toString("utf8", startsWithByteOrderMark(bytes) ? 3 : 0);
  checkStructure(text);
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedJson("The body is not valid JSON.");
  }
}

function startsWithByteOrderMark(bytes: Buffer): boolean {
  return bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** The member names seen in each object that is open, innermost last; `undefined` stands for an array. */
type OpenContainers = (Set<string> | undefined)[];

/** One pass over the text, before it is parsed, so that a hostile document never becomes objects. Grammar is left to `JSON.parse`. */
function checkStructure(text: string): void {
  const open: OpenContainers = [];
  let index = 0;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) index = passString(text, index, open);
    else if (unit === MINUS || (unit >= ZERO && unit <= NINE)) index = endOfNumber(text, index);
    else {
      if (unit > NINE) trackNesting(open, unit);
      index += 1;
    }
  }
}

function trackNesting(open: OpenContainers, unit: number): void {
  if (unit === CLOSE_BRACE || unit === CLOSE_BRACKET) open.pop();
  else if (unit === OPEN_BRACE) open.push(new Set());
  else if (unit === OPEN_BRACKET) open.push(undefined);
  if (open.length > MAXIMUM_DEPTH) throw new MalformedJson(`The body nests deeper than ${MAXIMUM_DEPTH} levels.`);
}

function passString(text: string, start: number, open: OpenContainers): number {
  const end = endOfString(text, start);
  if (isMemberName(text, end)) admitMember(open.at(-1), text.slice(start, end));
  return end;
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end + 1;
    end = text.indexOf('"', end + 1);
  }
  return text.length;
}

function isMemberName(text: string, afterString: number): boolean {
  let index = afterString;
  while (WHITESPACE.has(text.charCodeAt(index))) index += 1;
  return text.charCodeAt(index) === COLON;
}

function admitMember(members: Set<string> | undefined, literal: string): void {
  if (members === undefined) return;
  const name = literal.includes("\\") ? unescapeName(literal) : literal.slice(1, -1);
  if (name === "__proto__") throw new MalformedJson('The body holds a member named "__proto__".');
  if (members.has(name))
    throw new MalformedJson(`The body holds the member ${JSON.stringify(name.slice(0, 64))} twice.`);
  members.add(name);
}

function unescapeName(literal: string): string {
  try {
    return String(JSON.parse(literal));
  } catch {
    throw new MalformedJson("The body is not valid JSON.");
  }
}

function endOfNumber(text: string, start: number): number {
  NUMBER.lastIndex = start;
  const literal = NUMBER.exec(text)?.[0];
  if (literal === undefined) return start + 1;
  if (!Number.isFinite(Number(literal))) throw new MalformedJson("The body holds a number too large to represent.");
  return start + literal.length;
}

import { MalformedUrl } from "./errors.ts";

/** Path parameters by name, percent-decoded. */
export type PathParameters = Readonly<Record<string, string>>;

type Node<Endpoint> = {
  readonly literals: Map<string, Node<Endpoint>>;
  parameter: Node<Endpoint> | undefined;
  readonly methods: Map<string, { readonly endpoint: Endpoint; readonly names: readonly string[] }>;
};

/** What a path leads to: its endpoint, or the methods it does answer, or nothing. */
export type RouteMatch<Endpoint> =
  | { readonly kind: "found"; readonly endpoint: Endpoint; readonly params: PathParameters }
  | { readonly kind: "other-method"; readonly allow: string }
  | { readonly kind: "unknown" };

/** A compiled set of paths. Finding costs one map look-up per segment, however many endpoints there are. */
export type RouteTable<Endpoint> = {
  add(method: string, path: string, endpoint: Endpoint): void;
  /** `path` is the raw path without its query. Throws 400 `malformed_url` when a parameter does not percent-decode. */
  find(method: string, path: string): RouteMatch<Endpoint>;
};

const NO_PARAMETERS: PathParameters = Object.freeze({});
const UNKNOWN = { kind: "unknown" } as const;

/**
 * Literal segments win over parameters; a trailing slash is ignored; case matters; a parameter is never empty. `HEAD` finds the `GET`
 * endpoint. The same method and path twice throws, so two rooms cannot claim one address.
 */
export function createRouteTable<Endpoint>(): RouteTable<Endpoint> {
  const root = createNode<Endpoint>();
  return {
    add: (method, path, endpoint) => addPath(root, { method, path, endpoint }),
    find: (method, path) => findPath(root, method, path),
  };
}

function createNode<Endpoint>(): Node<Endpoint> {
  return { literals: new Map(), parameter: undefined, methods: new Map() };
}

function addPath<Endpoint>(
  root: Node<Endpoint>,
  entry: { readonly method: string; readonly path: string; readonly endpoint: Endpoint },
): void {
  const names: string[] = [];
  let node = root;
  for (const segment of segmentsOf(entry.path)) {
    if (segment.startsWith(":")) {
      names.push(segment.slice(1));
      node.parameter ??= createNode();
      node = node.parameter;
    } else {
      const next = node.literals.get(segment) ?? createNode<Endpoint>();
      node.literals.set(segment, next);
      node = next;
    }
  }
  if (node.methods.has(entry.method)) throw new Error(`Two endpoints claim ${entry.method} ${entry.path}.`);
  node.methods.set(entry.method, { endpoint: entry.endpoint, names });
}

function segmentsOf(path: string): readonly string[] {
  const segments = path.split("/");
  segments.shift();
  if (segments.at(-1) === "") segments.pop();
  return segments;
}

function findPath<Endpoint>(root: Node<Endpoint>, method: string, path: string): RouteMatch<Endpoint> {
  const segments = segmentsOf(path);
  const values: string[] = [];
  const node = descend(root, segments, { depth: 0, values });
  if (node === undefined) return UNKNOWN;
  const entry = node.methods.get(method) ?? (method === "HEAD" ? node.methods.get("GET") : undefined);
  if (entry === undefined) return { kind: "other-method", allow: allowOf(node) };
  return { kind: "found", endpoint: entry.endpoint, params: decode(entry.names, values) };
}

function descend<Endpoint>(
  node: Node<Endpoint>,
  segments: readonly string[],
  at: { readonly depth: number; readonly values: string[] },
): Node<Endpoint> | undefined {
  const segment = segments[at.depth];
  if (segment === undefined) return node.methods.size > 0 ? node : undefined;
  const literal = node.literals.get(segment);
  const found = literal && descend(literal, segments, { depth: at.depth + 1, values: at.values });
  if (found !== undefined) return found;
  if (node.parameter === undefined || segment === "") return undefined;
  at.values.push(segment);
  const deeper = descend(node.parameter, segments, { depth: at.depth + 1, values: at.values });
  if (deeper === undefined) at.values.pop();
  return deeper;
}

function allowOf<Endpoint>(node: Node<Endpoint>): string {
  const methods = new Set(node.methods.keys());
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods, "OPTIONS"].join(", ");
}

function decode(names: readonly string[], values: readonly string[]): PathParameters {
  if (names.length === 0) return NO_PARAMETERS;
  const params: Record<string, string> = {};
  for (const [position, name] of names.entries()) params[name] = decodeSegment(values[position] ?? "");
  return params;
}

function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new MalformedUrl();
  }
}

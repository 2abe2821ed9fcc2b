import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";

/** What went through: how often each version's deletion was asked for, and how many of those requests got no answer back. */
export type WatchedDeletions = {
  /** Times asked, by bucket, key and version id. */
  readonly asked: ReadonlyMap<string, number>;
  /** The versions of every request whose sender was gone before the answer was. */
  readonly unanswered: ReadonlySet<string>;
  /** Where the store really is; before that nobody is answered. */
  readonly aim: (endpoint: string) => void;
  readonly stop: () => Promise<void>;
};

/** Stands between our processes and an S3 server on `port`, hands everything on as it came, and counts deletions. */
export async function watchDeletions(port: number): Promise<WatchedDeletions> {
  const asked = new Map<string, number>();
  const unanswered = new Set<string>();
  let target: string | undefined;
  const server = createServer((incoming, answer) => {
    if (target === undefined) return void answer.writeHead(503).end();
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const body = Buffer.concat(chunks);
      const versions = versionsIn(incoming, body);
      for (const version of versions) asked.set(version, (asked.get(version) ?? 0) + 1);
      answer.on("close", () => {
        if (!answer.writableFinished) for (const version of versions) unanswered.add(version);
      });
      handOn(incoming, { body, target: target ?? "", answer });
    });
    incoming.on("error", () => answer.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    asked,
    unanswered,
    aim: (endpoint) => {
      target = endpoint;
    },
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function handOn(
  incoming: IncomingMessage,
  { body, target, answer }: { readonly body: Buffer; readonly target: string; readonly answer: ServerResponse },
): void {
  const options = { method: incoming.method ?? "GET", headers: incoming.headers };
  const onward = request(`${target}${incoming.url}`, options, (reply) => {
    answer.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(answer);
    reply.on("error", () => answer.destroy());
  });
  onward.on("error", () => answer.destroy());
  onward.end(body);
}

function versionsIn({ method, url = "" }: IncomingMessage, body: Buffer): readonly string[] {
  const { pathname, searchParams } = new URL(url, "http://store");
  if (method !== "POST" || !searchParams.has("delete")) return [];
  const bucket = pathname.split("/")[1] ?? "";
  const objects = body.toString("utf8").matchAll(/<Object>.*?<\/Object>/gs);
  return [...objects].map(([object]) => `${bucket} ${textOf(object, "Key")} ${textOf(object, "VersionId")}`);
}

function textOf(xml: string, name: string): string {
  return new RegExp(`<${name}>(.*?)</${name}>`, "s").exec(xml)?.[1] ?? "";
}

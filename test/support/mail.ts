import { type MailPart, startMail } from "../../sandbox/parts/mail.ts";
import { freePort } from "../../sandbox/parts/ports.ts";

/** A mail as it reached the server: one header per name, in lower case, and the text as people read it. */
export type ReceivedMail = {
  readonly to: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  readonly raw: string;
};

/** A mail server of one test file's own that keeps what it is handed. */
export type TestMail = MailPart & {
  readonly fail: (faults: { readonly failNext?: number; readonly refuse?: readonly string[] }) => Promise<void>;
  readonly received: () => Promise<readonly ReceivedMail[]>;
};

/** Starts one; call `stop` at the end. */
export async function startTestMail(): Promise<TestMail> {
  const [port, webPort] = await Promise.all([freePort(), freePort()]);
  const part = await startMail({ port, webPort });
  return {
    ...part,
    fail: async (faults) => void (await fetch(part.faultsUrl, { method: "PUT", body: JSON.stringify(faults) })),
    received: async () => {
      const { messages }: { messages: { to: string[]; raw: string }[] } = JSON.parse(
        await (await fetch(part.messagesUrl)).text(),
      );
      return messages.map(readMail);
    },
  };
}

function readMail({ to, raw }: { readonly to: readonly string[]; readonly raw: string }): ReceivedMail {
  const split = raw.indexOf("\r\n\r\n");
  const lines = raw
    .slice(0, split)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  const body = raw.slice(split + 4);
  const isQuoted = headers["content-transfer-encoding"] === "quoted-printable";
  return { to, headers, text: isQuoted ? unquote(body) : body.replaceAll("\r\n", "\n"), raw };
}

function unquote(body: string): string {
  const bytes = body
    .replace(/=\r\n/g, "")
    .replaceAll("\r\n", "\n")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}

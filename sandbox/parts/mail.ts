import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { z } from "zod";
import { parseJson, reply, startLoopbackServer } from "./loopback-server.ts";
import { NEVER, type Part } from "./part.ts";

const Message = z.object({
  receivedAt: z.string(),
  from: z.string(),
  to: z.array(z.string()),
  /** The mail as it came over the wire, headers and body. */
  raw: z.string(),
});
const Faults = z.object({
  /** The next n mails are refused for now (451). */
  failNext: z.number().int().min(0).max(10_000).default(0),
  /** Mailboxes that do not exist (550). */
  refuse: z.array(z.string()).default([]),
});

type State = { readonly messages: z.infer<typeof Message>[]; faults: z.infer<typeof Faults>; readonly file?: string };

/** A mail server that delivers nothing: `url` takes mails, `messagesUrl` shows them, `faultsUrl` takes `{failNext, refuse}`. */
export type MailPart = Part & { readonly url: string; readonly messagesUrl: string; readonly faultsUrl: string };

/** How to start the sink: a port for SMTP, one for looking. Without `file` it forgets at the end. */
export type MailOptions = { readonly port: number; readonly webPort: number; readonly file?: string };

/** Starts an SMTP server on loopback that keeps every mail it is handed; `GET /messages` lists them, `PUT /faults` makes it refuse. */
export async function startMail(options: MailOptions): Promise<MailPart> {
  const state: State = { messages: readMessages(options.file), faults: Faults.parse({}), ...fileOf(options) };
  const smtp = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    disableReverseLookup: true,
    onAuth: ({ username }, _session, done) => done(null, { user: username }),
    onRcptTo: ({ address }, _session, done) =>
      done(state.faults.refuse.includes(address) ? smtpError(550, "No such mailbox") : null),
    onData: (stream, session, done) => {
      receive(state, stream, session).then((failure) => done(failure), done);
    },
  });
  // A client that goes away in the middle is its own affair.
  smtp.on("error", () => undefined);
  await new Promise<void>((resolve) => smtp.listen(options.port, "127.0.0.1", () => resolve()));
  const web = await startLoopbackServer(options.webPort, async ({ url, body, request, response }) => {
    if (request.method === "PUT" && url.pathname === "/faults") state.faults = Faults.parse(parseJson(body));
    reply(response, 200, url.pathname === "/faults" ? state.faults : { messages: state.messages });
  });
  const base = `http://127.0.0.1:${options.webPort}`;
  let isStopped = false;
  return {
    name: "mail",
    source: "this project",
    url: `smtp://127.0.0.1:${options.port}`,
    messagesUrl: `${base}/messages`,
    faultsUrl: `${base}/faults`,
    died: NEVER,
    stop: async () => {
      if (isStopped) return;
      isStopped = true;
      await Promise.all([web.stop(), new Promise<void>((resolve) => smtp.close(resolve))]);
    },
  };
}

async function receive(
  state: State,
  stream: SMTPServerDataStream,
  { envelope }: SMTPServerSession,
): Promise<Error | null> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  if (state.faults.failNext > 0) {
    state.faults.failNext -= 1;
    return smtpError(451, "Try again later");
  }
  const message = {
    receivedAt: new Date().toISOString(),
    from: envelope.mailFrom === false ? "" : envelope.mailFrom.address,
    to: envelope.rcptTo.map(({ address }) => address),
    raw: Buffer.concat(chunks).toString("utf8"),
  };
  state.messages.push(message);
  if (state.file !== undefined) appendFileSync(state.file, `${JSON.stringify(message)}\n`, { mode: 0o600 });
  return null;
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function fileOf({ file }: MailOptions) {
  return file === undefined ? {} : { file };
}

function readMessages(file: string | undefined): z.infer<typeof Message>[] {
  if (file === undefined) return [];
  mkdirSync(dirname(file), { recursive: true });
  if (!existsSync(file)) return [];
  // The last line is cut short when the process was killed while writing it.
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => {
      const message = Message.safeParse(parseJson(line));
      return message.success ? [message.data] : [];
    });
}

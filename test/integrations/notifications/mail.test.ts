import { createServer } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { openMailer } from "../../../src/integrations/notifications/mail.ts";
import { startTestMail } from "../../support/mail.ts";

const sink = await startTestMail();
afterAll(() => sink.stop());

const mail = { id: "evt_1", to: "a@example.com", subject: "Hello", text: "Grüße\nline two\n.\nend\n" };
const mailer = openMailer({ url: sink.url, from: "Shop <billing@shop.example>" });

describe("openMailer", () => {
  it("hands over one plain text mail, every line as written", async () => {
    expect(await mailer.send(mail)).toMatchObject({ outcome: "delivered", isFinal: true });
    const [got] = await sink.received();
    expect(got).toMatchObject({ to: ["a@example.com"], text: mail.text });
    expect(got?.headers).toMatchObject({ "message-id": "<evt_1@shop.example>", subject: "Hello" });
  });

  it("sends the same mail again under the same Message-ID, so a repetition can be recognised", async () => {
    await mailer.send({ ...mail, id: "evt_twice" });
    await mailer.send({ ...mail, id: "evt_twice" });
    const ids = (await sink.received()).map(({ headers }) => headers["message-id"]);
    expect(ids.slice(-2)).toEqual(["<evt_twice@shop.example>", "<evt_twice@shop.example>"]);
  });

  it("lets no subject add a header", async () => {
    await mailer.send({ ...mail, subject: "Hi\r\nBcc: all@example.com\r\n\r\nbody" });
    const got = (await sink.received()).at(-1);
    expect(Object.keys(got?.headers ?? {})).not.toContain("bcc");
    expect(got?.to).toEqual(["a@example.com"]);
  });

  it("tries again after 4xx and when nobody answers, and not after the mailbox was refused", async () => {
    await sink.fail({ failNext: 1 });
    expect(await mailer.send(mail)).toMatchObject({ outcome: "not_taken", isFinal: false, status: 451 });
    await sink.fail({ refuse: ["a@example.com"] });
    expect(await mailer.send(mail)).toMatchObject({ outcome: "refused", isFinal: true, status: 550 });
    await sink.fail({});
    const nobody = openMailer({ url: "smtp://127.0.0.1:9", from: "billing@shop.example" });
    expect(await nobody.send(mail)).toMatchObject({ outcome: "mail_unreachable", isFinal: false });
  });

  it("keeps nothing of what the server says", async () => {
    const chatty = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end("554 a@example.com is on the list of hush\r\n");
    });
    await new Promise<void>((resolve) => chatty.listen(0, "127.0.0.1", resolve));
    const address = chatty.address();
    const port = typeof address === "object" ? address?.port : 0;
    const verdict = await openMailer({ url: `smtp://u:secret@127.0.0.1:${port}`, from: "b@shop.example" }).send(mail);
    expect(verdict.isFinal).toBe(false);
    expect(JSON.stringify(verdict)).not.toMatch(/hush|secret|a@example/);
    chatty.close();
  });
});

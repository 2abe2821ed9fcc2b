import { createTransport } from "nodemailer";
import { afterAll, expect, it } from "vitest";
import { startTestMail } from "../../support/mail.ts";

const mail = await startTestMail();
afterAll(() => mail.stop());

const send = (to: string) => createTransport({ url: mail.url }).sendMail({ from: "a@example.com", to, text: "Grüße" });

it("keeps what it is handed, and refuses for now or for good when told to", async () => {
  await send("b@example.com");
  expect(await mail.received()).toMatchObject([{ to: ["b@example.com"], text: "Grüße\n" }]);
  await mail.fail({ failNext: 1, refuse: ["nobody@example.com"] });
  await expect(send("nobody@example.com")).rejects.toMatchObject({ responseCode: 550 });
  await expect(send("b@example.com")).rejects.toMatchObject({ responseCode: 451 });
  await send("b@example.com");
  expect(await mail.received()).toHaveLength(2);
});

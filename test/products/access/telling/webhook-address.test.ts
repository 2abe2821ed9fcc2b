import { describe, expect, it } from "vitest";
import { checkWebhookUrl, readWebhookUrl } from "../../../../src/products/access/telling/webhook-address.ts";

const PUBLIC = { allowPrivateHosts: false };

describe("readWebhookUrl", () => {
  it("takes https on the public internet, with port, path and query", () => {
    const url = "https://shop.example:8443/hooks?for=us";
    expect(readWebhookUrl(PUBLIC, url).href).toBe(url);
  });

  it.each([
    ["http://shop.example/", "webhook_url_refused"],
    ["https://shop.example/#part", "webhook_url_refused"],
    [`https://shop.example/${"x".repeat(2048)}`, "webhook_url_refused"],
    ["ftp://shop.example/", "outbound_address_refused"],
    ["https://user:password@shop.example/", "outbound_address_refused"],
    ["not a url", "outbound_address_refused"],
    ["https://127.0.0.1/", "outbound_address_refused"],
    ["https://2130706433/", "outbound_address_refused"],
    ["https://[::ffff:169.254.169.254]/", "outbound_address_refused"],
    ["https://localhost/", "outbound_address_refused"],
  ])("O01: refuses %s", (url, code) => {
    expect(() => readWebhookUrl(PUBLIC, url)).toThrow(expect.objectContaining({ code }));
  });

  it("takes http and private addresses where a sandbox says so", () => {
    expect(readWebhookUrl({ allowPrivateHosts: true }, "http://127.0.0.1:9/x").port).toBe("9");
  });
});

describe("checkWebhookUrl", () => {
  const resolving = (...addresses: readonly string[]) => ({
    ...PUBLIC,
    resolve: async () => addresses.map((address) => ({ address, family: 4 })),
  });

  it("O01: refuses a name that has a private address beside a public one, and one that has none", async () => {
    const url = "https://shop.example/";
    expect((await checkWebhookUrl(resolving("93.184.216.34"), url)).host).toBe("shop.example");
    await expect(checkWebhookUrl(resolving("93.184.216.34", "10.0.0.1"), url)).rejects.toMatchObject({
      code: "outbound_address_refused",
    });
    await expect(checkWebhookUrl(resolving(), url)).rejects.toMatchObject({ code: "webhook_url_refused" });
  });
});

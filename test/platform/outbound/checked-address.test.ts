import { describe, expect, it } from "vitest";
import { checkedAddress, readOutboundUrl, systemResolve } from "../../../src/platform/outbound/checked-address.ts";

const refused = { code: "outbound_address_refused", status: 422 };
const answering =
  (...addresses: string[]) =>
  () =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));

describe("readOutboundUrl", () => {
  it.each([
    ...["http://127.0.0.1/", "http://127.1/", "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/"],
    ...["http://0x7f000001/", "http://127.0.0.1./", "http://①②⑦.0.0.1/", "http://0/", "http://[::1]/", "http://[::]/"],
    ...["http://[::ffff:127.0.0.1]/", "http://[::ffff:7f00:1]/", "http://169.254.169.254/latest/meta-data/"],
    ...["http://2852039166/", "http://[fd00:ec2::254]/", "http://[fe80::1]/", "http://10.0.0.1:8080/"],
    ...["http://localhost/", "http://LOCALHOST./", "http://a.localhost/", "http://metadata.google.internal/"],
    ...["http://printer.local/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "javascript:1"],
    ...["https://user:secret@example.com/", "https://user@example.com/", "example.com", "", "http://", "http://[::1"],
  ])("O01: refuses %s", (text) => {
    expect(() => readOutboundUrl(text, false)).toThrow(expect.objectContaining(refused));
  });

  it("never repeats the address it refuses", () => {
    expect(() => readOutboundUrl("http://user:hush@10.9.8.7/token", false)).toThrow(/^(?!.*(hush|10\.9\.8\.7|token))/);
  });

  it.each(["https://example.com/hook?a=1", "http://example.com:8080/", "https://8.8.8.8/", "https://[2606:4700::1]/"])(
    "takes %s",
    (text) => expect(readOutboundUrl(text, false).href).toBe(text),
  );

  it("takes a listed private host at its port and at no other", () => {
    const listed = ["127.0.0.1:9000", "inbox.local:80"];
    expect(readOutboundUrl("http://127.0.0.1:9000/in", listed).port).toBe("9000");
    expect(readOutboundUrl("http://inbox.local/in", listed).hostname).toBe("inbox.local");
    for (const other of ["http://127.0.0.1:9001/", "http://127.0.0.1/", "https://inbox.local/", "http://[::1]:9000/"]) {
      expect(() => readOutboundUrl(other, listed)).toThrow(expect.objectContaining(refused));
    }
  });
});

describe("checkedAddress", () => {
  const url = new URL("https://hooks.example.com/in");

  it("answers the address that was checked", async () => {
    const needs = { resolve: answering("93.184.215.14", "2606:4700::1"), privateHosts: false };
    expect(await checkedAddress(needs, url)).toEqual({ address: "93.184.215.14", family: 4 });
  });

  it.each([
    ["a private address", ["10.0.0.5"]],
    ["the metadata service", ["169.254.169.254"]],
    ["loopback", ["::1"]],
    ["an IPv4-mapped address", ["::ffff:127.0.0.1"]],
    ["a public and a private address", ["93.184.215.14", "192.168.0.1"]],
  ])("O01: refuses a name that resolves to %s", async (_, addresses) => {
    const needs = { resolve: answering(...addresses), privateHosts: false };
    await expect(checkedAddress(needs, url)).rejects.toMatchObject(refused);
  });

  it("calls a name without an address, or one that cannot be resolved, unreachable", async () => {
    const unreachable = { code: "outbound_unreachable", status: 503 };
    const nothing = { resolve: answering(), privateHosts: false };
    await expect(checkedAddress(nothing, url)).rejects.toMatchObject(unreachable);
    const broken = { resolve: systemResolve, privateHosts: false };
    const nowhere = new URL("https://nowhere.invalid/");
    await expect(checkedAddress(broken, nowhere)).rejects.toMatchObject(unreachable);
  });
});

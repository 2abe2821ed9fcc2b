import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openKeyVault } from "../../../src/integrations/aws/key-vault.ts";
import { startKeyService } from "../../support/key-service.ts";

describe("the key service", () => {
  let service: Awaited<ReturnType<typeof startKeyService>>;
  let vault: ReturnType<typeof openKeyVault>;
  beforeAll(async () => {
    service = await startKeyService();
    const credentials = { accessKeyId: "test", secretAccessKey: "test" };
    vault = openKeyVault({ region: "us-east-1", endpoint: service.endpoint, credentials });
  });
  afterAll(async () => {
    vault.close();
    await service.stop();
  });

  it("decrypts what was encrypted under its key, and signs digests", async () => {
    const plain = await vault.decrypt(service.encrypt("words"));
    expect(Buffer.from(plain).toString("utf8")).toBe("words");
    expect((await vault.signDigest("alias/any", new Uint8Array(32)))[0]).toBe(0x30);
    expect((await vault.readPublicKey("alias/any")).length).toBe(88);
  });

  it("fails by its permanent code, without the service's own text", async () => {
    service.state.isDown = true;
    const failure = await vault.signDigest("alias/any", new Uint8Array(32)).catch((error: unknown) => error);
    service.state.isDown = false;
    expect(failure).toMatchObject({ code: "key_service_unavailable", status: 503 });
    expect(String(failure)).not.toContain("arn:secret");
  });
});

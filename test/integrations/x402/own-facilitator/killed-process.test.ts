import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { fundFacilitator, keepFacilitatorKeys } from "../../../../sandbox/facilitator-keys.ts";
import { type Child, startChild } from "../../../../sandbox/parts/child-process.ts";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import { freePort } from "../../../../sandbox/parts/ports.ts";
import type { Facilitator } from "../../../../src/integrations/x402/facilitator.ts";
import { openHttpFacilitator } from "../../../../src/integrations/x402/http-facilitator.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";
import { openEvmPayments, type TestPayments } from "../../../support/x402-payers.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const START_MS = 60_000;

describe.skipIf(evmMissing)("the facilitator's process", () => {
  let test: TestDatabase;
  let evm: EvmPart;
  let payments: TestPayments;
  let environment: NodeJS.ProcessEnv;
  let client: Facilitator;
  let child: Child;

  beforeAll(async () => {
    [test, evm] = await Promise.all([createTestDatabase(), startTestEvm()]);
    payments = await openEvmPayments(evm);
    const folder = join(inject("runDirectory"), `facilitator-${process.pid}`);
    mkdirSync(folder, { recursive: true });
    const files = await keepFacilitatorKeys(folder);
    await fundFacilitator({ evm }, files);
    const port = await freePort();
    environment = {
      NODE_ENV: "test",
      TZ: "UTC",
      SECRETS_DIR: join(folder, "none"),
      DATABASE_URL: test.applicationUrl,
      RPC_ENDPOINT: evm.rpc,
      CHAIN_ID_DEC: String(evm.chainId),
      CHAIN_NAME: "local",
      USDC_ADDRESS: evm.usdc,
      FACILITATOR_LISTEN_ADDR: `127.0.0.1:${port}`,
      FACILITATOR_KEYSTORE_FILE: files.keystoreFile,
      FACILITATOR_PASSWORD_FILE: files.passwordFile,
    };
    client = openHttpFacilitator({}, { name: "own", url: `http://127.0.0.1:${port}` });
    child = await start();
  }, START_MS);
  afterAll(async () => {
    await child.stop();
    await evm.stop();
    await test.drop();
  });

  async function start(): Promise<Child> {
    const args = ["--import", "tsx", join(root, "src", "facilitator.ts")];
    const common = { command: process.execPath, runDirectory: inject("runDirectory"), directory: root };
    const started = await startChild({ ...common, name: "facilitator", args, environment });
    const until = performance.now() + START_MS;
    while (!(await answers())) {
      if (performance.now() > until) throw new Error(`It does not come up. Its last lines:\n${started.lastLines()}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return started;
  }

  const answers = () =>
    client.supported().then(
      (kinds) => kinds.length > 0,
      () => false,
    );

  const rpc = (method: string, ...params: readonly unknown[]) =>
    fetch(evm.rpc, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    });

  it(
    "X07: killed between broadcast and answer, it answers the recorded outcome when it is asked again",
    async () => {
      await rpc("evm_setAutomine", false);
      const call = await payments.sign({});
      const cut = client.settle(call);
      await expect.poll(pendingTransactions).toBe(1);
      process.kill(-child.pid, "SIGKILL");
      expect(await cut).toMatchObject({ kind: "unknown", transaction: null });
      await child.exited;
      await evm.mine(1);
      await rpc("evm_setAutomine", true);
      child = await start();
      await expect.poll(async () => (await client.settle(call)).kind).toBe("settled");
      expect(await payments.received()).toBe(100_000n);
    },
    2 * START_MS,
  );

  it("shows in no line what its keystore holds, and stops when it is told", async () => {
    await child.stop();
    expect(child.lastLines()).toContain("settling on this network");
    expect(child.lastLines()).not.toMatch(/privateKey|mnemonic|"password"/i);
  });

  async function pendingTransactions(): Promise<number> {
    const answer = await rpc("txpool_status");
    const { result } = JSON.parse(await answer.text());
    return Number(result.pending);
  }
});

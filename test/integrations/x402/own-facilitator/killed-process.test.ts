import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Knex } from "knex";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { fundFacilitator, keepFacilitatorKeys } from "../../../../sandbox/facilitator-keys.ts";
import { type Child, startChild } from "../../../../sandbox/parts/child-process.ts";
import type { EvmPart } from "../../../../sandbox/parts/evm.ts";
import { freePort } from "../../../../sandbox/parts/ports.ts";
import type { Facilitator } from "../../../../src/integrations/x402/facilitator.ts";
import { openHttpFacilitator } from "../../../../src/integrations/x402/http-facilitator.ts";
import { openDatabase } from "../../../../src/platform/database/pool.ts";
import { startCuttableNode } from "../../../support/cuttable-node.ts";
import { createTestDatabase, type TestDatabase } from "../../../support/database.ts";
import { evmMissing, startTestEvm } from "../../../support/evm.ts";
import { openEvmPayments, type TestPayments } from "../../../support/x402-payers.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const START_MS = 60_000;
/** 10 gwei, within what is spent unless configured. */
const DEAR = "0x2540be400";

describe.skipIf(evmMissing)("the facilitator's process", () => {
  let test: TestDatabase;
  let evm: EvmPart;
  let payments: TestPayments;
  let environment: NodeJS.ProcessEnv;
  let client: Facilitator;
  let node: Awaited<ReturnType<typeof startCuttableNode>>;
  let child: Child;
  let database: Knex;

  beforeAll(async () => {
    [test, evm] = await Promise.all([createTestDatabase(), startTestEvm()]);
    payments = await openEvmPayments(evm);
    database = openDatabase(test.applicationUrl, { maxConnections: 1, name: "killed-process" });
    node = await startCuttableNode(evm.rpc);
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
      RPC_ENDPOINT: node.url,
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
    await node.stop();
    await database.destroy();
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

  it(
    "killed between writing a dearer version down and sending it, it sends that version when it is back",
    async () => {
      await rpc("evm_setAutomine", false);
      const before = await payments.received();
      const call = await payments.sign({});
      const cut = client.settle(call);
      await expect.poll(pendingTransactions).toBe(1);
      node.cutSendings();
      await rpc("anvil_setNextBlockBaseFeePerGas", DEAR);
      await expect.poll(dearerVersion, { timeout: START_MS }).toMatch(/^0x/);
      process.kill(-child.pid, "SIGKILL");
      await cut;
      await child.exited;
      const transaction = await dearerVersion();
      expect(await isKnown(transaction)).toBe(false);
      node.takeSendings();
      child = await start();
      await expect.poll(() => isKnown(transaction), { timeout: START_MS }).toBe(true);
      await evm.mine(1);
      await rpc("evm_setAutomine", true);
      await expect
        .poll(() => client.settle(call), { timeout: START_MS })
        .toMatchObject({ kind: "settled", transaction });
      expect((await payments.received()) - before).toBe(100_000n);
    },
    4 * START_MS,
  );

  it("shows in /metrics what its wallet holds", async () => {
    const answer = await fetch(`${client.url}/metrics`);
    expect(await answer.text()).toMatch(/^facilitator_wallet_native\{network="local"\} 9\.99/m);
  });

  it("shows in no line what its keystore holds, and stops when it is told", async () => {
    await child.stop();
    expect(child.lastLines()).toContain("settling on this network");
    expect(child.lastLines()).not.toMatch(/privateKey|mnemonic|"password"/i);
  });

  /** The newest version of the settlement that has several; empty while none has. */
  async function dearerVersion(): Promise<string> {
    const { rows } = await database.raw<{ rows: { transaction: string }[] }>(
      "SELECT transaction FROM facilitator_settlements WHERE replaced <> '[]'",
    );
    return rows[0]?.transaction ?? "";
  }

  async function isKnown(transaction: string): Promise<boolean> {
    const answer = await rpc("eth_getTransactionByHash", transaction);
    return JSON.parse(await answer.text()).result !== null;
  }

  async function pendingTransactions(): Promise<number> {
    const answer = await rpc("txpool_status");
    const { result } = JSON.parse(await answer.text());
    return Number(result.pending);
  }
});

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Connection } from "@temporalio/client";
import { afterAll, describe, expect, it } from "vitest";
import { freePort } from "../../../sandbox/parts/ports.ts";
import { startTemporal } from "../../../sandbox/parts/temporal.ts";
import { searchAttributes } from "../../../workflows/contracts.ts";
import { startDevServer, temporalMissing } from "../../support/temporal.ts";

// temporal.api.enums.v1.IndexedValueType
const INDEXED_VALUE_TYPE = { KEYWORD: 2, BOOL: 5, DATETIME: 6 } as const;
const folder = mkdtempSync(join(tmpdir(), "tollkeeper-temporal-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function start() {
  return startTemporal({
    runDirectory: folder,
    databaseFile: join(folder, "temporal.db"),
    port: await freePort(),
    uiPort: await freePort(),
    embeddedOnly: true,
    progress: (line) => console.log(line),
  });
}

async function withClient<Result>(address: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const connection = await Connection.connect({ address });
  return use(new Client({ connection })).finally(() => connection.close());
}

describe.skipIf(temporalMissing !== undefined)("the Temporal server", () => {
  it("knows the search attributes with their types before any worker comes", async () => {
    const environment = await startDevServer();
    const { customAttributes } = await environment.connection.operatorService.listSearchAttributes({
      namespace: "default",
    });
    const wanted = Object.entries(searchAttributes).map(([name, type]) => [name, INDEXED_VALUE_TYPE[type]]);
    expect(customAttributes).toMatchObject(Object.fromEntries(wanted));
    await environment.teardown();
  });

  it("has its waiting workflows again after a restart, and a UI that answers", async () => {
    const first = await start();
    await withClient(first.address, (client) =>
      client.workflow.start("waits", { workflowId: "waits/1", taskQueue: "nobody", args: [] }),
    );
    await first.stop();
    const second = await start();
    const found = await withClient(second.address, (client) => client.workflow.getHandle("waits/1").describe());
    expect(found.status.name).toBe("RUNNING");
    expect((await fetch(second.ui ?? "")).status).toBe(200);
    await second.stop();
  });
});

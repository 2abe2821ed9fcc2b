import { Client, Connection } from "@temporalio/client";

/** How to reach Temporal. */
export type TemporalSettings = { readonly address: string; readonly namespace: string };

/** A connected client and its end. */
export type TemporalClient = {
  readonly client: Client;
  readonly connection: Connection;
  readonly close: () => Promise<void>;
};

/** Connects, failing within ten seconds when nobody answers. */
export async function openTemporalClient(settings: TemporalSettings): Promise<TemporalClient> {
  const connection = await Connection.connect({ address: settings.address, connectTimeout: "10 seconds" });
  return {
    client: new Client({ connection, namespace: settings.namespace }),
    connection,
    close: () => connection.close(),
  };
}

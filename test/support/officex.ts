import { type OfficexFaults, type OfficexPart, startOfficex } from "../../sandbox/parts/officex.ts";
import { freePort } from "../../sandbox/parts/ports.ts";

/** What an organisation was told, as the stand-in keeps it. */
export type OrganisationState = {
  readonly records: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly history: Readonly<Record<string, readonly string[]>>;
  readonly inbox: readonly { readonly topic: string; readonly payload: Readonly<Record<string, unknown>> }[];
};

/** An OfficeX stand-in of one test file's own, empty, kept in memory. */
export type TestOfficex = OfficexPart & {
  readonly fail: (faults: OfficexFaults) => Promise<void>;
  readonly told: () => Promise<OrganisationState>;
  /** The buyer's app writes the record; afterwards the vendor may update it. */
  readonly createRecord: (id: string) => Promise<void>;
};

/** Starts one; call `stop` at the end. */
export async function startTestOfficex(): Promise<TestOfficex> {
  const part = await startOfficex({ port: await freePort() });
  const { orgId, apiKey } = part.org;
  return {
    ...part,
    fail: async (faults) => {
      const answer = await fetch(part.faultsUrl, { method: "PUT", body: JSON.stringify(faults) });
      if (!answer.ok) throw new Error("these are no faults");
    },
    told: async () => {
      const state: { organisations: Record<string, OrganisationState> } = JSON.parse(
        await (await fetch(part.stateUrl)).text(),
      );
      const organisation = state.organisations[orgId];
      if (organisation === undefined) throw new Error("the organisation is gone");
      return organisation;
    },
    createRecord: async (id) => {
      const answer = await fetch(`${part.host}/v1/drive/${orgId}/purchases/create`, {
        method: "POST",
        headers: { authorization: `Bearer ${apiKey}` },
        body: JSON.stringify({ id, status: "PAID" }),
      });
      if (!answer.ok) throw new Error(`the record was not created: ${answer.status}`);
    },
  };
}

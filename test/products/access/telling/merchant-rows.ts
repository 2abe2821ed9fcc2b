import type { Knex } from "knex";
import { newId } from "../../../../src/platform/ids.ts";

/** A merchant as a row: for tests of what merchants are told, which do not care how one registers. */
export async function addMerchant(database: Knex, id: string = newId("mer")): Promise<string> {
  await database("merchants").insert({
    id,
    name: "A merchant",
    wallet_address: "7xKXtg2CW87d97TXJSDpbD5jBkheTqA83TZRuJosgAsU",
  });
  return id;
}

/** How many wakes of a subject there are: none or one. */
export async function wakeCount(database: Knex, subject: string): Promise<number> {
  return (await database("wakes").where("subject", subject)).length;
}

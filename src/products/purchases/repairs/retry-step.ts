import { NotStuck } from "./errors.ts";
import { defineRepair } from "./repair.ts";

/** The step a purchase's workflow stands still at is tried at once, whatever the pause till its next try. */
export const retryStep = defineRepair({
  action: "retryStep",
  fields: {},
  refuse: ({ parked, subject }) => (parked === null ? new NotStuck(subject) : null),
  apply: async ({ facts }) => ({
    text: `"${facts.parked?.step ?? "the step"}" is tried again now.`,
    data: { step: facts.parked?.stepName ?? facts.parked?.step ?? "" },
  }),
});

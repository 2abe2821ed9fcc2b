import { expect, it } from "vitest";
import { OFFER_KINDS } from "../../../../src/products/purchases/offer-kinds/kinds.ts";
import { offerKind, offerStep } from "../../../../src/products/purchases/offer-kinds/registry.ts";
import { readOfferFile } from "../../../../src/products/purchases/offers.ts";

it.each(OFFER_KINDS)("%s has steps to come and to go, each with a name of its own and words for operators", (kind) => {
  const { provision, terminate, ...rest } = offerKind(kind);
  expect(rest.kind).toBe(kind);
  for (const steps of [provision, terminate]) {
    expect(steps.length).toBeGreaterThan(0);
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length);
    expect(steps.every(({ summary }) => summary.length > 0)).toBe(true);
  }
});

it("knows the kind of everything that is for sale", () => {
  expect(readOfferFile().every(({ kind }) => offerKind(kind).kind === kind)).toBe(true);
});

it("takes access away before anything is deleted", () => {
  expect(offerKind("s3_bucket").terminate.map(({ name }) => name)[0]).toBe("revoke_access");
});

it("finds a step in its own phase only, and never skips one it does not know", () => {
  const step = offerStep({ kind: "s3_bucket", phase: "provision", step: "create_bucket" });
  expect(step.name).toBe("create_bucket");
  for (const wrong of [
    { phase: "terminate", step: "create_bucket" },
    { phase: "provision", step: "from_a_newer_version" },
    { phase: "provision", step: "constructor" },
  ] as const) {
    expect(() => offerStep({ kind: "s3_bucket", ...wrong })).toThrow(wrong.step);
  }
});

import { expect, it } from "vitest";
import { ReasonView, showReason } from "../../../../src/products/purchases/appstore/appstore-view.ts";

it("shows a reason as its schema has it, without sharing what may change", () => {
  const parts = [{ hint: "keywords", value: "s3", points: 10, why: "is one of its keywords" }];
  const shown = showReason({ score: 10, text: "because", parts });
  expect(ReasonView.parse(shown)).toEqual({ score: 10, text: "because", parts });
  expect(shown.parts).not.toBe(parts);
});

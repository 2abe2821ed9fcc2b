import { describe, expect, it } from "vitest";
import { describeFailure } from "../../src/cli/command-failure.ts";
import { NoSandbox } from "../../src/cli/sandbox-world.ts";
import { InvalidConfiguration } from "../../src/config.ts";

describe("describeFailure", () => {
  it("names what is missing in the configuration and ends with 78", () => {
    const { text, exitCode } = describeFailure(new InvalidConfiguration(["DATABASE_URL: is required"]));
    expect(text).toContain("DATABASE_URL: is required");
    expect(exitCode).toBe(78);
  });

  it.each([
    [new NoSandbox(), /npm start/],
    [Object.assign(new Error("connect"), { code: "ECONNREFUSED" }), /does not answer/],
    [Object.assign(new Error("relation"), { code: "42P01" }), /npm run migrate/],
  ])("says what to do: %s", (error, said) => {
    const { text, exitCode } = describeFailure(error);
    expect(text).toMatch(said);
    expect(exitCode).toBe(1);
  });

  it("gives what nobody expected whole", () => {
    const error = new Error("surprise");
    expect(describeFailure(error)).toEqual({ text: error, exitCode: 1 });
  });
});

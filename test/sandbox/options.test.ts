import { expect, it } from "vitest";
import { readOptions } from "../../sandbox/options.ts";

it("plays the demo, wipes nothing and uses the documented ports unless told otherwise", () => {
  const ports = {
    api: 3001,
    temporal: 7233,
    temporalUi: 8233,
    postgres: 5440,
    evm: 8545,
    solana: 8899,
    s3: 7070,
    inbox: 3900,
    officex: 3901,
    mail: 3902,
    mailWeb: 3903,
    facilitator: 3402,
  };
  expect(readOptions([])).toEqual({ demo: true, reset: false, json: false, ports });
});

it("takes every flag", () => {
  const args = ["--no-demo", "--reset", "--json", "--port", "4000", "--ui-port=4001"];
  expect(readOptions(args)).toMatchObject({
    demo: false,
    reset: true,
    json: true,
    ports: { api: 4000, temporalUi: 4001 },
  });
});

it.each([["--port", "0"], ["--port", "65536"], ["--s3-port", "12e3"], ["--evm-port", "-1"], ["--nonsense"]])(
  "refuses %s %s",
  (...args) => {
    expect(() => readOptions(args)).toThrow(/port from 1 to 65535|Unknown option|ambiguous/);
  },
);

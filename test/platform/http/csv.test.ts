import { describe, expect, it } from "vitest";
import { csvLine, prefersCsv } from "../../../src/platform/http/csv.ts";

describe("csvLine", () => {
  it("quotes as RFC 4180 has it and ends every line with CRLF", () => {
    expect(csvLine(["a", 'b"c', "d,e", "f\ng", ""])).toBe('a,"b""c","d,e","f\ng",\r\n');
  });

  it.each(["=1+1", "+1", "-1+1", "-A1", "@SUM(A1)", "\tx", "\rx"])("A20: runs no formula out of %j", (text) => {
    expect(csvLine([text])).toMatch(/^"?'/);
  });

  it("leaves a number below zero a number, so that a sheet can sum it", () => {
    expect(csvLine(["-1", "-0.098"])).toBe("-1,-0.098\r\n");
  });

  it("A20: guards before it quotes, so that quotes hide no formula", () => {
    expect(csvLine(['=HYPERLINK("http://evil.example","x")'])).toBe(
      '"\'=HYPERLINK(""http://evil.example"",""x"")"\r\n',
    );
  });
});

describe("prefersCsv", () => {
  it.each([
    ["text/csv", true],
    ["TEXT/CSV; q=0.9, */*;q=0.1", true],
    ["text/csv, application/json", true],
    ["application/json, text/csv;q=0.5", false],
    ["text/csv;q=0", false],
    ["text/csv;q=nonsense", false],
    ["*/*", false],
    ["", false],
    [undefined, false],
  ])("for %j is %s", (accept, expected) => {
    expect(prefersCsv(accept)).toBe(expected);
  });
});

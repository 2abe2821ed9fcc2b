import { expect, it } from "vitest";
import { addSignature, listQuery, nextPageHint, operatorCommand } from "../../src/cli/operator-command.ts";

it("asks a list for what was given and nothing else", () => {
  expect(`${listQuery({ status: "open", cursor: undefined, search: "a&b" })}`).toBe("status=open&search=a%26b");
  expect([nextPageHint(null), nextPageHint("x")]).toEqual(["", "\nMore: --cursor x"]);
});

it("says in every command's help where the token is read and what exit codes mean", () => {
  const help: string[] = [];
  const { program } = operatorCommand("test", "A test.");
  const repair = addSignature(program.command("repair"));
  program.configureOutput({ writeOut: (text) => void help.push(text) });
  program.outputHelp();
  expect(help.join("")).toMatch(/ADMIN_API_TOKEN.*Exit codes: 0 done/s);
  expect(repair.helpInformation()).toMatch(/--actor.*--note.*--request-id/s);
});

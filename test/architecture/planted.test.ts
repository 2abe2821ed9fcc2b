import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { houseRules } from "./house-rules/rules.ts";
import { readTree, type Tree } from "./house-rules/tree.ts";
import { arrowPlants, arrowTargets, plantedArrows } from "./planted/arrows.ts";
import { innocentHouse, plantedHouse } from "./planted/house.ts";
import { plantedPromises, plantedStyle } from "./planted/style.ts";
import { plantTree, runGuards } from "./planted/tree.ts";

const copied = Array.from(
  { length: 40 },
  (_, place) => `export const copy${place} = (input: number) => input * ${place} + 1;`,
);

const others = {
  "src/platform/planted-mistype.ts": 'export const count: number = "many";\n',
  "src/platform/planted-copy-one.ts": copied.join("\n"),
  "src/platform/planted-copy-two.ts": copied.join("\n"),
  "src/platform/planted-unused.ts": "export const nobodyImportsThisFile = 1;\n",
  "src/cli/planted-start.ts":
    'import { wanted } from "../platform/half-used.ts";\nimport "../platform/planted-undeclared.ts";\n\nwanted();\n',
  "src/platform/half-used.ts": "export const wanted = () => 1;\nexport const unwanted = () => 2;\n",
};

const sources = (plants: readonly { readonly file: string; readonly source: string }[]) =>
  Object.fromEntries(plants.map(({ file, source }) => [file, source]));

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");

let planted: ReturnType<typeof plantTree>;
let verdicts: ReturnType<typeof runGuards>;
let tree: Tree;

/** The tools run one after another in the hook; a busy machine needs minutes. */
const TOOLS_MS = 600_000;

function said(guard: string): string {
  const verdict = verdicts.get(guard);
  expect(verdict?.passed).toBe(false);
  return verdict?.output ?? "";
}

beforeAll(() => {
  planted = plantTree({
    ...arrowTargets,
    ...arrowPlants,
    ...sources(plantedStyle),
    ...sources(plantedPromises),
    ...sources(plantedHouse),
    ...innocentHouse,
    ...others,
  });
  verdicts = runGuards(planted.root, ["types", "style", "promises-and-docs", "arrows", "dead-code", "duplicates"]);
  tree = readTree(planted.root);
}, TOOLS_MS);

afterAll(() => planted.remove());

describe("arrows", () => {
  it.each(plantedArrows)("reports $rule in $file", ({ rule, file }) => {
    expect(said("arrows")).toMatch(new RegExp(`error ${literally(rule)}: ${literally(file)}`));
  });

  it("has a plant for every rule", () => {
    const rules: { forbidden: readonly { name: string }[] } = createRequire(import.meta.url)("./import-rules.cjs");
    const names = rules.forbidden.map(({ name }) => name).sort();
    expect([...new Set(plantedArrows.map(({ rule }) => rule))].sort()).toEqual(names);
  });

  it("leaves allowed imports alone", () => {
    expect(said("arrows")).not.toMatch(/error [a-z-]+: \S*innocent/);
  });
});

describe("style", () => {
  it.each(plantedStyle)("reports $rule in $file", ({ rule, file }) => {
    expect(said("style")).toMatch(new RegExp(`^${literally(file)}(:\\d+:\\d+)? ${literally(rule)}\\b`, "m"));
  });

  it("has a plant for every rule", () => {
    const config: { linter: { rules: Record<string, Record<string, unknown>> } } = JSON.parse(
      readFileSync(new URL("../../.biome.json", import.meta.url), "utf8"),
    );
    const names = Object.entries(config.linter.rules)
      .filter(([, rules]) => typeof rules === "object")
      .flatMap(([group, rules]) => Object.keys(rules).map((rule) => `lint/${group}/${rule}`));
    expect(names.filter((name) => !plantedStyle.some(({ rule }) => rule === name))).toEqual([]);
  });
});

describe("promises and docs", () => {
  it.each(plantedPromises)("reports $rule in $file", ({ rule, file }) => {
    const report = said("promises-and-docs").split(/\n(?=\S*\/)/);
    const own = report.filter((part) => part.split("\n")[0]?.endsWith(`/${file}`));
    expect(own.join("\n")).toMatch(new RegExp(` ${literally(rule)}$`, "m"));
  });

  it("has a plant for every rule", () => {
    const config: { default: readonly { rules?: object }[] } = createRequire(import.meta.url)("./eslint.config.js");
    const names = new Set(config.default.flatMap(({ rules }) => Object.keys(rules ?? {})));
    expect([...names].filter((name) => !plantedPromises.some(({ rule }) => rule === name))).toEqual([]);
  });
});

describe("house rules", () => {
  it.each(plantedHouse)("reports '$rule' for $file", ({ rule, complaint }) => {
    const complaints = houseRules.find(({ name }) => name === rule)?.check(tree) ?? [];
    expect(complaints.filter((line) => line.startsWith(complaint))).not.toEqual([]);
  });

  it("has a plant for every rule", () => {
    const names = houseRules.map(({ name }) => name);
    expect(names.filter((name) => !plantedHouse.some(({ rule }) => rule === name))).toEqual([]);
  });

  it("leaves innocent files alone", () => {
    const complaints = houseRules.filter(({ name }) => !/mirror test/.test(name)).flatMap(({ check }) => check(tree));
    expect(complaints.filter((line) => Object.keys(innocentHouse).some((path) => line.startsWith(path)))).toEqual([]);
  });
});

describe("the other guards", () => {
  it("types: a wrong assignment", () => {
    expect(said("types")).toMatch(/planted-mistype\.ts\(1,14\): error TS2322/);
  });

  it("dead code: an unused file, an unused export, an unused and an undeclared package", () => {
    const report = said("dead-code");
    expect(report).toMatch(/^Unused files[\s\S]*src\/platform\/planted-unused\.ts/m);
    expect(report).toMatch(/^unwanted +\S* *src\/platform\/half-used\.ts/m);
    expect(report).not.toMatch(/^wanted /m);
    expect(report).toMatch(/^Unused dependencies[\s\S]*helmet/m);
    expect(report).toMatch(/^acorn +\S*planted-undeclared\.ts/m);
  });

  it("duplicates: forty lines twice", () => {
    expect(said("duplicates")).toMatch(/planted-copy-(one|two)\.ts/);
  });
});

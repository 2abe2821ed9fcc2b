import ts from "typescript";
import type { HouseRule, Tree } from "./tree.ts";

/** Below this share of tested source files the house rule fails. Raise it as tests come; never lower it. */
const FLOOR = 0.95;

/** Tables, entry points and declarations: what they say is tested where it is used. */
const WITHOUT_OWN_TEST =
  /(^|\/)(index|routes|schemas|errors|contracts|api|worker)\.ts$|^src\/ledger\/chart-of-accounts\.ts$/;

function behaves(tree: Tree, path: string): boolean {
  return tree.syntax(path).statements.some((statement) => {
    if (ts.isFunctionDeclaration(statement)) return true;
    if (!ts.isVariableStatement(statement)) return false;
    return statement.declarationList.declarations.some(
      (declaration) => declaration.initializer !== undefined && /=>/.test(declaration.initializer.getText()),
    );
  });
}

/** Source files that do something, each with the place of its mirror test and whether it is there. */
function mirrors(tree: Tree): readonly { readonly source: string; readonly test: string; readonly exists: boolean }[] {
  const tests = tree.files.filter((path) => path.endsWith(".test.ts"));
  return tree.files
    .filter((path) => /^(src|workflows|activities)\/.*\.ts$/.test(path))
    .filter((path) => !WITHOUT_OWN_TEST.test(path) && behaves(tree, path))
    .map((source) => {
      const stem = `test/${source.replace(/^src\//, "").replace(/\.ts$/, "")}`;
      return {
        source,
        test: `${stem}.test.ts`,
        exists: tests.some(
          (path) => path === `${stem}.test.ts` || (path.startsWith(`${stem}.`) && path.endsWith(".test.ts")),
        ),
      };
    });
}

/** The share in words, for whoever runs the guards. */
export function describeMirrors(tree: Tree): string {
  const all = mirrors(tree);
  const share = all.length === 0 ? 1 : all.filter((mirror) => mirror.exists).length / all.length;
  return `${percent(share)} of ${all.length} source files have a mirror test (floor ${percent(FLOOR)}, aim 90 %)`;
}

const percent = (share: number) => `${Math.floor(share * 100)} %`;

const mirrored: HouseRule = {
  name: "the share of source files with a mirror test is not below its floor",
  check: (tree) => {
    const all = mirrors(tree);
    const missing = all.filter((mirror) => !mirror.exists);
    if (all.length === 0 || 1 - missing.length / all.length >= FLOOR) return [];
    return missing.map((mirror) => `${mirror.source}: no ${mirror.test} (${describeMirrors(tree)})`);
  },
};

/** Tests mirror the source tree. */
export const mirrorRules: readonly HouseRule[] = [mirrored];

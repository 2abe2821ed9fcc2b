import ts from "typescript";
import { type HouseRule, nodesOf, type Tree } from "./tree.ts";

const CONFIGS = ["src/config.ts", "src/config-variables.ts"];
const EXAMPLE = ".env.example";

/** Names in capitals that the configuration reads: the keys of its schemas and what it takes from the environment by name. */
function variablesRead(tree: Tree): ReadonlySet<string> {
  const files = CONFIGS.filter((path) => tree.files.includes(path));
  const names = files
    .flatMap((path) => nodesOf(tree.syntax(path)))
    .flatMap((node) => {
      if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) return [node.name.text];
      if (ts.isElementAccessExpression(node) && ts.isStringLiteral(node.argumentExpression))
        return [node.argumentExpression.text];
      if (ts.isPropertyAccessExpression(node)) return [node.name.text];
      return [];
    });
  return new Set(names.filter((name) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/.test(name)));
}

const documentedEnvironment: HouseRule = {
  name: "every variable the configuration reads is in .env.example, and no other",
  check: (tree) => {
    if (!CONFIGS.some((path) => tree.files.includes(path))) return [];
    if (!tree.files.includes(EXAMPLE)) return [`${EXAMPLE}: missing`];
    const read = variablesRead(tree);
    const shown = new Set([...tree.text(EXAMPLE).matchAll(/^#? ?([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1] ?? ""));
    return [
      ...[...read].filter((name) => !shown.has(name)).map((name) => `${EXAMPLE}: does not show ${name}`),
      ...[...shown].filter((name) => !read.has(name)).map((name) => `${EXAMPLE}: shows ${name}, which nothing reads`),
    ];
  },
};

/** Rooms as the map names them: each folder of `src/`, and each room within integrations and products. */
function rooms(tree: Tree): readonly string[] {
  const found = tree.files.flatMap((path) => {
    const match = /^src\/((?:integrations|products)\/[^/]+|[^/]+)\//.exec(path);
    return match?.[1] === undefined ? [] : [match[1]];
  });
  return [...new Set(found)];
}

const mapIsComplete: HouseRule = {
  name: "every room is on the map in src/README.md",
  check: (tree) => {
    const map = tree.files.includes("src/README.md") ? tree.text("src/README.md") : "";
    return rooms(tree)
      .filter((room) => !map.includes(`\`${room}/\``))
      .map((room) => `src/README.md: does not name \`${room}/\``);
  },
};

const scriptsExist: HouseRule = {
  name: "every npm command a page names exists",
  check: (tree) => {
    if (!tree.files.includes("package.json")) return [];
    const manifest: { readonly scripts?: object } = JSON.parse(tree.text("package.json"));
    const scripts = new Set([...Object.keys(manifest.scripts ?? {}), "ci", "install"]);
    return tree.files
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) =>
        [...tree.text(path).matchAll(/(?:`|^\s*)npm (?:run )?([a-z][a-z-]*)/gm)]
          .map((match) => match[1] ?? "")
          .filter((name) => !scripts.has(name))
          .map((name) => `${path}: "npm run ${name}" is not a script of package.json`),
      );
  },
};

/** Documents say what the code does. */
export const documentRules: readonly HouseRule[] = [documentedEnvironment, mapIsComplete, scriptsExist];

import { basename } from "node:path";
import ts from "typescript";
import { at, type HouseRule, nodesOf, shipped, type Tree } from "./tree.ts";

type Found = { readonly path: string; readonly where: string; readonly value: string };

const isRouteFile = (path: string) => /^src\/.*\/routes\/[^/]+\.ts$/.test(path);

function propertiesNamed(
  tree: Tree,
  paths: readonly string[],
  name: string,
): readonly (Found & { node: ts.Expression })[] {
  return paths.flatMap((path) => {
    const file = tree.syntax(path);
    return nodesOf(file).flatMap((node) =>
      ts.isPropertyAssignment(node) && node.name.getText(file) === name
        ? [{ path, where: at(file, node), value: node.initializer.getText(file), node: node.initializer }]
        : [],
    );
  });
}

const literal = (text: string) => /^(["'`])([^"'`$]*)\1$/.exec(text)?.[2];

/** Where each DomainError code is given to `super`. */
function declaredCodes(tree: Tree): readonly Found[] {
  return propertiesNamed(tree, shipped(tree), "code").flatMap((found) => {
    const value = literal(found.value);
    const call = found.node.parent.parent.parent;
    const ofError = ts.isCallExpression(call) && call.expression.kind === ts.SyntaxKind.SuperKeyword;
    return value !== undefined && ofError ? [{ ...found, value }] : [];
  });
}

const routeNames: HouseRule = {
  name: "a route file is named after its operationId",
  check: (tree) => {
    const routes = tree.files.filter((path) => isRouteFile(path));
    const ids = propertiesNamed(tree, routes, "operationId");
    return routes.flatMap((path) => {
      const own = ids.filter((found) => found.path === path).map((found) => literal(found.value) ?? found.value);
      const expected = basename(path, ".ts").replaceAll("-", "");
      if (own.length === 0) return [`${path}: no operationId`];
      return own.some((id) => id.toLowerCase() === expected) ? [] : [`${path}: operationId is ${own.join(", ")}`];
    });
  },
};

const knownProblems: HouseRule = {
  name: "every problem a route declares is the code of an error",
  check: (tree) => {
    const codes = new Set(declaredCodes(tree).map((found) => found.value));
    return propertiesNamed(tree, shipped(tree), "problems").flatMap((found) =>
      ts.isArrayLiteralExpression(found.node)
        ? found.node.elements
            .flatMap((element) => (ts.isStringLiteral(element) ? [element.text] : []))
            .filter((code) => !codes.has(code))
            .map((code) => `${found.where}: no error has the code "${code}"`)
        : [],
    );
  },
};

const uniqueCodes: HouseRule = {
  name: "an error code is snake_case and belongs to one error",
  check: (tree) => {
    const codes = declaredCodes(tree);
    return codes.flatMap((found, place) => {
      const first = codes.find((other) => other.value === found.value);
      return [
        /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(found.value) ? "" : `${found.where}: "${found.value}" is not snake_case`,
        first === undefined || codes.indexOf(first) === place
          ? ""
          : `${found.where}: "${found.value}" is taken by ${first.where}`,
      ].filter((problem) => problem !== "");
    });
  },
};

const errorsInTheirFile: HouseRule = {
  name: "a room's errors are in its errors.ts, or by topic beside it",
  check: (tree) =>
    declaredCodes(tree)
      .filter((found) => !/(^|\/|-)errors\.ts$/.test(found.path) && found.path !== "src/money/nanodollars.ts")
      .map((found) => `${found.where}: "${found.value}" belongs in the room's errors.ts`),
};

/** What endpoints promise: names, problems, codes. */
export const endpointRules: readonly HouseRule[] = [routeNames, knownProblems, uniqueCodes, errorsInTheirFile];

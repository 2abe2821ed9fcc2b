import ts from "typescript";
import { at, type HouseRule, nodesOf, shipped, type Tree } from "./tree.ts";

const SQL_ALLOWED = /-store\.ts$|^migrations\/|^src\/platform\/database\//;
const SQL =
  /^\s*(SELECT\s[\s\S]*\b(FROM|pg_|set_config)|INSERT\s+INTO\s|UPDATE\s+\S+\s+SET\s|DELETE\s+FROM\s|TRUNCATE\s|WITH\s+(RECURSIVE\s+)?\w+(\s*\([^)]*\))?\s+AS\s|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|ROLE|TRIGGER|FUNCTION|VIEW)|GRANT\s|DO\s+\$\$)/;
const MONEY_NAME = /(^|[a-z_])([aA]mount|[bB]alance|[nN]anodollars|[pP]rice|[dD]ollars|[uU]sd)$/;

function look(tree: Tree, visit: (file: ts.SourceFile, node: ts.Node) => string | undefined): readonly string[] {
  return shipped(tree).flatMap((path) => {
    const file = tree.syntax(path);
    return nodesOf(file).flatMap((node) => {
      const complaint = visit(file, node);
      return complaint === undefined ? [] : [`${at(file, node)}: ${complaint}`];
    });
  });
}

function textOf(node: ts.Node): string | undefined {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return node.text;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => `x${span.literal.text}`).join("");
  return undefined;
}

function queries(node: ts.Node): boolean {
  if (!ts.isCallExpression(node)) return false;
  const [first] = node.arguments;
  if (ts.isPropertyAccessExpression(node.expression)) {
    return (
      node.expression.name.text === "raw" &&
      /^(database|transaction|trx|knex|owner|db)$/.test(node.expression.expression.getText())
    );
  }
  return (
    first !== undefined &&
    ts.isStringLiteral(first) &&
    /^(database|transaction|trx|knex|db)$/.test(node.expression.getText())
  );
}

const sqlInStores: HouseRule = {
  name: "SQL is written in *-store.ts and migrations only",
  check: (tree) =>
    look(tree, (file, node) => {
      if (SQL_ALLOWED.test(file.fileName)) return undefined;
      const sql = queries(node) || SQL.test(textOf(node) ?? "");
      return sql ? "SQL outside a store" : undefined;
    }),
};

function isBrand(file: ts.SourceFile, target: ts.TypeNode): boolean {
  if (!ts.isTypeReferenceNode(target) || !ts.isIdentifier(target.typeName)) return false;
  const name = target.typeName.text;
  return file.statements.some(
    (statement) =>
      ts.isTypeAliasDeclaration(statement) &&
      statement.name.text === name &&
      ts.isIntersectionTypeNode(statement.type) &&
      /\{\s*readonly \[\w+\]:/.test(statement.type.getText(file)),
  );
}

const noCasts: HouseRule = {
  name: "no cast but a brand at its own declaration and `as const`",
  check: (tree) =>
    look(tree, (file, node) => {
      if (ts.isTypeAssertionExpression(node)) return "a cast hides what the compiler knows";
      if (!ts.isAsExpression(node) || ts.isConstTypeReference(node.type) || isBrand(file, node.type)) return undefined;
      return `"as ${node.type.getText(file)}" hides what the compiler knows: parse it, narrow it or use satisfies`;
    }),
};

const classesAreErrors: HouseRule = {
  name: "the only classes are errors",
  check: (tree) =>
    look(tree, (file, node) => {
      // A class inside a function only adapts a library that asks for one.
      if (!ts.isClassLike(node) || !ts.isSourceFile(node.parent)) return undefined;
      const parent = node.heritageClauses?.find((clause) => clause.token === ts.SyntaxKind.ExtendsKeyword)?.types[0];
      if (parent !== undefined && /(Error|Failure)$/.test(parent.expression.getText(file))) return undefined;
      return `class ${node.name?.text ?? "without a name"} is not an error: write functions of (needs, input)`;
    }),
};

function isMoneyNumber(file: ts.SourceFile, node: ts.Node): boolean {
  if (!ts.isPropertySignature(node) && !ts.isParameter(node) && !ts.isVariableDeclaration(node)) return false;
  return node.type?.kind === ts.SyntaxKind.NumberKeyword && MONEY_NAME.test(node.name.getText(file));
}

const moneyIsExact: HouseRule = {
  name: "money is never a float",
  check: (tree) =>
    look(tree, (file, node) => {
      if (file.fileName === "src/money/conversions.ts") return undefined;
      if (ts.isCallExpression(node) && /^(Number\.)?parseFloat$/.test(node.expression.getText(file))) {
        return "parseFloat: read money with parseDollars, other numbers with a schema";
      }
      return isMoneyNumber(file, node)
        ? "money typed as number: use Nanodollars, or a decimal string on a wire"
        : undefined;
    }),
};

const exportedNames: HouseRule = {
  name: "no export is named after nothing",
  check: (tree) =>
    look(tree, (file, node) => {
      if (
        !ts.isFunctionDeclaration(node) &&
        !ts.isVariableDeclaration(node) &&
        !ts.isTypeAliasDeclaration(node) &&
        !ts.isClassDeclaration(node)
      ) {
        return undefined;
      }
      const name = node.name?.getText(file) ?? "";
      return /(Utils?|Helpers?|Manager|Misc|Common|V2)$/.test(name)
        ? `"${name}" says nothing; name the thing`
        : undefined;
    }),
};

/** How things are written, where a linter has no rule for it. */
export const syntaxRules: readonly HouseRule[] = [sqlInStores, noCasts, classesAreErrors, moneyIsExact, exportedNames];

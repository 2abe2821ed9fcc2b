import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** The files of a working tree as git would commit them: ignored files do not count, unstaged ones do. */
export type Tree = {
  readonly root: string;
  readonly files: readonly string[];
  readonly text: (path: string) => string;
  readonly syntax: (path: string) => ts.SourceFile;
};

/** A rule of the house. `check` answers one line per violation, starting with the path it is about. */
export type HouseRule = { readonly name: string; readonly check: (tree: Tree) => readonly string[] };

/** Reads the tree at `root`, which must be a git work tree. */
export function readTree(root: string): Tree {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const files = listed
    .toString("utf8")
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(root, path)))
    .sort();
  const text = (path: string) => readFileSync(join(root, path), "utf8");
  const parsed = new Map<string, ts.SourceFile>();
  const syntax = (path: string) => {
    const file = parsed.get(path) ?? ts.createSourceFile(path, text(path), ts.ScriptTarget.ES2023, true);
    parsed.set(path, file);
    return file;
  };
  return { root, files, text, syntax };
}

/** TypeScript that ships: what the stricter rules are about. */
export function shipped(tree: Tree): readonly string[] {
  return tree.files.filter((path) => /^(src|workflows|activities|migrations)\/.*\.ts$/.test(path));
}

/** Every node of a file, depth first. */
export function nodesOf(node: ts.Node): readonly ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (each: ts.Node) => {
    found.push(each);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return found;
}

/** `path:line` of a node. */
export function at(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}

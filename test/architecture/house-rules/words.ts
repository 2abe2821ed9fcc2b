import type { HouseRule, Tree } from "./tree.ts";

type Ban = { readonly pattern: RegExp; readonly why: string };

/** Files that must spell the banned words to ban them, machine-made ones, and a text that is not ours. */
const EXEMPT = /^test\/architecture\/(house-rules\/|planted)|^package-lock\.json$|^LICENSE$|\/(fixtures|histories)\//;
const TEXT = /(\.(ts|mjs|cjs|js|json|md|yml|yaml|sql|html|css|svg|sh|toml)|(^|\/)(Dockerfile[^/]*|\.[^/]+|run))$/;

const bans: readonly Ban[] = [
  { pattern: /(?<![\w.~$}*/-])\/(root|work|farm|tmp)\/[\w.-]+/, why: "a path of one machine" },
  { pattern: /(?<![\w.~$}*-])\/(home|Users)\/(?!node\b)[a-z][\w.-]*/, why: "a path of one machine" },
  {
    pattern:
      /registry\.npmjs\.org|registry\.yarnpkg\.com|pypi\.org|files\.pythonhosted|crates\.io|proxy\.golang\.org|repo1?\.maven|deb\.debian\.org/i,
    why: "a package registry's host: leave it to the client's configuration",
  },
  {
    pattern:
      /\b(claude code|copilot|chatgpt|co-authored-by|(ai|llm|machine)[- ](generated|assisted|written|authored)|ai (agent|assistant|tool)s?)\b/i,
    why: "about who or what wrote it; the project speaks only of itself",
  },
  {
    pattern: /\b(design|style|cases|brief)\.md\b|\bfacts\/[a-z0-9-]+\.md\b|\bseeds?\/[a-z0-9-]+\.md\b/,
    why: "a document that is not in this repository",
  },
  {
    pattern: /\b(TODO|FIXME|XXX|HACK)\b(?!\([\w-]+, #\d+\))/,
    why: "unfinished work needs an owner and an issue: TODO(owner, #12)",
  },
];

function search(tree: Tree, path: string): readonly string[] {
  return tree
    .text(path)
    .split("\n")
    .flatMap((line, place) =>
      bans.flatMap(({ pattern, why }) => {
        const match = pattern.exec(line);
        return match === null ? [] : [`${path}:${place + 1}: "${match[0]}" is ${why}`];
      }),
    );
}

const plainSpeech: HouseRule = {
  name: "committed text names no machine, registry, tool or missing document",
  check: (tree) =>
    tree.files.filter((path) => TEXT.test(path) && !EXEMPT.test(path)).flatMap((path) => search(tree, path)),
};

const liveLinks: HouseRule = {
  name: "every relative link of a page leads to a file",
  check: (tree) => {
    const known = new Set(tree.files.flatMap((path) => [path, ...parents(path)]));
    return tree.files
      .filter((path) => path.endsWith(".md"))
      .flatMap((path) =>
        [...tree.text(path).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)]
          .map((match) => match[1] ?? "")
          .filter((target) => !known.has(resolveLink(path, target)))
          .map((target) => `${path}: the link to ${target} leads nowhere`),
      );
  },
};

function parents(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, place) => parts.slice(0, place + 1).join("/"));
}

function resolveLink(page: string, target: string): string {
  const url = new URL(target, `file:///${page}`);
  return decodeURIComponent(url.pathname).replace(/^\//, "").replace(/\/$/, "");
}

/** What the project says about itself. */
export const wordRules: readonly HouseRule[] = [plainSpeech, liveLinks];

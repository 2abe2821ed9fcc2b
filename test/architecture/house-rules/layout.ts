import { basename, extname } from "node:path";
import type { HouseRule } from "./tree.ts";

const TOP_LEVEL = new Set([
  ..."src workflows activities migrations test sandbox web bench deploy docs".split(" "),
  ..."docker-compose.yml Dockerfile.api Dockerfile.worker Dockerfile.key-server".split(" "),
  ..."package.json package-lock.json tsconfig.json README.md CHANGELOG.md LICENSE".split(" "),
]);

const INSIDE_SRC = new Set([
  ..."README.md api.ts worker.ts facilitator.ts app.ts context.ts config.ts config-variables.ts errors.ts".split(" "),
  ..."cli money ledger platform identity integrations products client".split(" "),
  "business-metrics.ts",
  "watch-metrics.ts",
  "readiness.ts",
  "worker-signer.ts",
  "schedules.ts",
  "access-networks.ts",
  "facilitator-networks.ts",
]);

const BANNED_WORDS = new Set("util utils helper helpers common misc manager managers v2".split(" "));

const unique = (values: readonly string[]) => [...new Set(values)];

const topLevel: HouseRule = {
  name: "the top level holds what src/README.md lists, and dotfiles",
  check: (tree) =>
    unique(tree.files.map((path) => path.split("/")[0] ?? ""))
      .filter((entry) => !entry.startsWith(".") && !TOP_LEVEL.has(entry))
      .map((entry) => `${entry}: not an entry of the top level`),
};

const insideSrc: HouseRule = {
  name: "src/ holds the rooms of the map and nothing beside them",
  check: (tree) =>
    unique(tree.files.filter((path) => path.startsWith("src/")).map((path) => path.split("/")[1] ?? ""))
      .filter((entry) => !INSIDE_SRC.has(entry))
      .map((entry) => `src/${entry}: not a room of the map in src/README.md`),
};

const bannedNames: HouseRule = {
  name: "no file or folder is named after nothing",
  check: (tree) =>
    tree.files.flatMap((path) =>
      path
        .toLowerCase()
        .split(/[/._-]/)
        .filter((word) => BANNED_WORDS.has(word))
        .map((word) => `${path}: "${word}" says nothing; name the thing`),
    ),
};

const completeRooms: HouseRule = {
  name: "each product room has its endpoint table and its errors",
  check: (tree) =>
    unique(tree.files.map((path) => /^src\/products\/[^/]+(?=\/)/.exec(path)?.[0] ?? "").filter((room) => room !== ""))
      .flatMap((room) => [`${room}/routes.ts`, `${room}/errors.ts`])
      .filter((path) => !tree.files.includes(path))
      .map((path) => `${path}: missing`),
};

const migrationsListed: HouseRule = {
  name: "each migration is numbered, explained and listed once, in order",
  check: (tree) => {
    const index = tree.files.includes("migrations/index.ts") ? tree.text("migrations/index.ts") : "";
    const steps = tree.files.filter(
      (path) => /^migrations\/.*\.ts$/.test(path) && !/\/(index|migration)\.ts$/.test(path),
    );
    const positions = steps.map((path) => index.indexOf(`"./${basename(path)}"`));
    return steps.flatMap((path, place) => {
      const position = positions[place] ?? -1;
      return [
        /^migrations\/\d{4}-[a-z0-9-]+\.ts$/.test(path) ? "" : `${path}: name it NNNN-room-change.ts`,
        /^(import[^;]*;\s*)*\/\*\*/.test(tree.text(path)) ? "" : `${path}: its header does not say why`,
        position < 0 ? `${path}: not listed in migrations/index.ts` : "",
        position >= 0 && positions.slice(0, place).some((earlier) => earlier > position)
          ? `${path}: listed out of order`
          : "",
      ].filter((problem) => problem !== "");
    });
  },
};

const decisionPages: HouseRule = {
  name: "each decision page is numbered once and says what and why",
  check: (tree) => {
    const pages = tree.files.filter((path) => path.startsWith("docs/decisions/"));
    const numbers = pages.map((path) => basename(path).slice(0, 4));
    return pages.flatMap((path, place) => {
      const text = tree.text(path);
      return [
        /^\d{4}-[a-z0-9-]+\.md$/.test(basename(path)) ? "" : `${path}: name it NNNN-what-was-decided.md`,
        numbers.indexOf(numbers[place] ?? "") === place ? "" : `${path}: its number is taken`,
        /^## Decision$/m.test(text) && /^## Why$/m.test(text) ? "" : `${path}: needs "## Decision" and "## Why"`,
      ].filter((problem) => problem !== "");
    });
  },
};

const changelog: HouseRule = {
  name: "the changelog has an Unreleased section",
  check: (tree) => {
    if (!tree.files.includes("CHANGELOG.md")) return ["CHANGELOG.md: missing"];
    return /^## Unreleased$/m.test(tree.text("CHANGELOG.md")) ? [] : ['CHANGELOG.md: has no "## Unreleased"'];
  },
};

const sourceLanguage: HouseRule = {
  name: "what ships is TypeScript, data, or the parts of a page",
  check: (tree) =>
    tree.files
      .filter((path) => /^(src|workflows|activities|migrations)\//.test(path))
      .filter((path) => ![".ts", ".json", ".md", ".sql", ".html", ".css"].includes(extname(path)))
      .filter((path) => !/-page\/[^/]+\.js$/.test(path))
      .map((path) => `${path}: neither TypeScript, nor data, nor part of a page`),
};

/** Where things are and what they are called. */
export const layoutRules: readonly HouseRule[] = [
  topLevel,
  insideSrc,
  bannedNames,
  completeRooms,
  migrationsListed,
  decisionPages,
  changelog,
  sourceLanguage,
];

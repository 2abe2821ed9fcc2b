import type { HouseRule } from "./tree.ts";

/** One package of package-lock.json, as far as we read it. */
type LockEntry = {
  readonly version?: string;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly license?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
};

/** package-lock.json, version 3. */
export type Lock = { readonly packages: Readonly<Record<string, LockEntry>> };

type AbsentPlatform = { readonly folder: string; readonly parent: string; readonly entry: LockEntry };

const CPUS: readonly (readonly [RegExp, string])[] = [
  [/\b(x64|amd64)\b/, "x64"],
  [/\barm64\b/, "arm64"],
  [/\bia32\b/, "ia32"],
  [/\barm\b/, "arm"],
  [/\bppc64\b/, "ppc64"],
  [/\briscv64\b/, "riscv64"],
  [/\bs390x\b/, "s390x"],
  [/\bloong64\b/, "loong64"],
];

/**
 * Packages for other platforms that a package of the lock names at an exact version and that the lock itself lacks. `npm ci` compares
 * the two and refuses such a lock.
 */
export function absentPlatforms(lock: Lock): readonly AbsentPlatform[] {
  const found = Object.entries(lock.packages).flatMap(([parent, { dev, optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !resolves(lock, parent, name))
      .map(([name, version]) => ({
        folder: `node_modules/${name}`,
        parent,
        entry: entryOf(name, version, dev === true),
      })),
  );
  return found.filter(({ folder }, place) => found.findIndex((other) => other.folder === folder) === place);
}

function resolves(lock: Lock, parent: string, name: string): boolean {
  const folders = parent.split("/node_modules/");
  const above = folders.map((_, place) => folders.slice(0, place + 1).join("/node_modules/"));
  return [...above.map((folder) => `${folder}/node_modules/${name}`), `node_modules/${name}`].some(
    (folder) => lock.packages[folder] !== undefined,
  );
}

function entryOf(name: string, version: string, dev: boolean): LockEntry {
  const os = /\b(darwin|linux|win32|windows|android|freebsd|openharmony)\b/
    .exec(name)?.[1]
    ?.replace("windows", "win32");
  const cpu = CPUS.find(([pattern]) => pattern.test(name))?.[1];
  const libc = os === "linux" ? { libc: [/musl/.test(name) ? "musl" : "glibc"] } : {};
  return {
    version,
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(dev ? { dev } : {}),
    optional: true,
    ...(os === undefined ? {} : { os: [os] }),
    ...(/(gnu|musl)/.test(name) ? libc : {}),
  };
}

const lockIsWhole: HouseRule = {
  name: "package-lock.json names the packages of every platform",
  check: (tree) => {
    if (!tree.files.includes("package-lock.json")) return ["package-lock.json: missing"];
    const lock: Lock = JSON.parse(tree.text("package-lock.json"));
    return absentPlatforms(lock).map(
      ({ folder, parent }) => `package-lock.json: ${parent} names ${folder}; run npm run lock`,
    );
  },
};

type Wanted = Readonly<Record<string, string>>;

const KINDS = ["dependencies", "devDependencies", "optionalDependencies"] as const;

const lockIsOfThisPackage: HouseRule = {
  name: "package.json and its lock name the same packages at the same versions",
  check: (tree) => {
    if (!tree.files.includes("package-lock.json") || !tree.files.includes("package.json")) return [];
    const asked: Readonly<Partial<Record<string, Wanted>>> = JSON.parse(tree.text("package.json"));
    const lock: { readonly packages: Readonly<Record<string, Readonly<Partial<Record<string, Wanted>>>>> } = JSON.parse(
      tree.text("package-lock.json"),
    );
    const locked = lock.packages[""] ?? {};
    return KINDS.flatMap((kind) => {
      const [here, there] = [asked[kind] ?? {}, locked[kind] ?? {}];
      return [...new Set([...Object.keys(here), ...Object.keys(there)])]
        .filter((name) => here[name] !== there[name])
        .map(
          (name) =>
            `package.json: ${kind} has ${name} ${here[name] ?? "not at all"}, the lock ${there[name] ?? "not at all"}`,
        );
    });
  },
};

/** The lock file installs everywhere, and installs what package.json asks for. */
export const lockRules: readonly HouseRule[] = [lockIsWhole, lockIsOfThisPackage];

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { absentPlatforms, type Lock } from "./house-rules/lock.ts";

/**
 * `npm run lock`: adds to package-lock.json the packages of other platforms that the registry in use could not answer for. Without
 * them `npm ci` refuses the lock, here and on the platforms they are for. Their names and exact versions are what their parents state.
 */
const path = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const lock: Lock = JSON.parse(readFileSync(path, "utf8"));
const absent = absentPlatforms(lock);
const packages = { ...lock.packages, ...Object.fromEntries(absent.map(({ folder, entry }) => [folder, entry])) };
const [root, ...rest] = Object.entries(packages);
const sorted = rest.sort(([one], [other]) => one.localeCompare(other, "en"));
const whole = { ...lock, packages: Object.fromEntries(root === undefined ? sorted : [root, ...sorted]) };
if (absent.length > 0) writeFileSync(path, `${JSON.stringify(whole, null, 2)}\n`);
console.log(absent.length === 0 ? "The lock is whole." : absent.map(({ folder }) => `added ${folder}`).join("\n"));

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

// Rebuilds the committed artifacts after a change of a *.sol file beside this one:
//   npm install --prefix <an empty folder> solc@0.8.37 && node sandbox/contracts/compile.mjs <that folder>
const compilerHome = process.argv[2];
if (compilerHome === undefined)
  throw new Error("Say where solc is installed: node sandbox/contracts/compile.mjs FOLDER");
const solc = createRequire(join(compilerHome, "package.json"))("solc");

for (const [file, contract] of [
  ["test-usdc", "TestUSDC"],
  ["test-usdt", "TestUSDT"],
  ["test-odd-token", "TestOddToken"],
  ["test-multicall", "TestMulticall"],
]) {
  const source = readFileSync(new URL(`./${file}.sol`, import.meta.url), "utf8");
  const output = JSON.parse(
    solc.compile(
      JSON.stringify({
        language: "Solidity",
        sources: { [file]: { content: source } },
        settings: {
          // An older target than the chain's, so that the bytecode also runs on chains that follow later.
          evmVersion: "paris",
          optimizer: { enabled: true, runs: 200 },
          metadata: { bytecodeHash: "none" },
          outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
        },
      }),
    ),
  );
  const problems = (output.errors ?? []).filter((problem) => problem.severity === "error");
  if (problems.length > 0) throw new Error(problems.map((problem) => problem.formattedMessage).join("\n"));
  const { abi, evm } = output.contracts[file][contract];
  const artifact = { contract, compiler: solc.version(), abi, bytecode: `0x${evm.bytecode.object}` };
  writeFileSync(new URL(`./${file}.json`, import.meta.url), `${JSON.stringify(artifact, null, 2)}\n`);
  console.log(`${contract}: ${evm.bytecode.object.length / 2} bytes`);
}

import type { ToolDescription } from "./tool-description.ts";

const goArchitecture = process.arch === "x64" ? "amd64" : process.arch;
const TEMPORAL_VERSION = "1.5.1";
const VERSITYGW_VERSION = "1.8.0";

/** The Temporal CLI, whose development server and UI are one binary. The newest version `go install` can build. */
export const TEMPORAL_CLI: ToolDescription = {
  name: "temporal",
  version: TEMPORAL_VERSION,
  pathVariable: "TEMPORAL_CLI_PATH",
  archiveUrl: `https://temporal.download/cli/archive/v${TEMPORAL_VERSION}?platform=${process.platform}&arch=${goArchitecture}`,
  goPackage: "github.com/temporalio/cli/cmd/temporal",
  buildTime: "about 3 minutes",
  alternative: "point TEMPORAL_ADDRESS at a Temporal server you run already",
};

/** The S3 server of the embedded world: plain folders on this disk behind the S3 API, with users, policies and versions. */
export const VERSITYGW: ToolDescription = {
  name: "versitygw",
  version: VERSITYGW_VERSION,
  pathVariable: "VERSITYGW_PATH",
  archiveUrl: versitygwArchive(),
  goPackage: "github.com/versity/versitygw/cmd/versitygw",
  buildTime: "about 1 minute",
  alternative: "give an S3 server of your own with S3_ENDPOINT, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
};

function versitygwArchive(): string | undefined {
  const system = { linux: "Linux", darwin: "Darwin" }[process.platform === "darwin" ? "darwin" : "linux"];
  const architecture = process.arch === "x64" ? "x86_64" : process.arch;
  const base = `https://github.com/versity/versitygw/releases/download/v${VERSITYGW_VERSION}`;
  return process.platform === "win32"
    ? undefined
    : `${base}/versitygw_v${VERSITYGW_VERSION}_${system}_${architecture}.tar.gz`;
}

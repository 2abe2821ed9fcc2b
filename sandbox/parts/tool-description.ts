/** An outside program the embedded world runs, and every way to get it. Versions are exact. */
export type ToolDescription = {
  readonly name: string;
  readonly version: string;
  /** The variable that names a binary of the user's own. */
  readonly pathVariable: string;
  /** The official archive for this platform, undefined when none is published. */
  readonly archiveUrl: string | undefined;
  readonly goPackage: string;
  /** What to tell a person before the build: "about 3 minutes". */
  readonly buildTime: string;
  /** How a person gets round a failure, besides installing the tool. */
  readonly alternative: string;
};

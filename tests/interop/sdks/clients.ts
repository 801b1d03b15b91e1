/**
 * The programs of AWS that ask a credential server, each with what comes of asking again and again.
 *
 * A client is a small program in a folder beside this file: for every line that it reads it asks its
 * SDK, which keeps and renews credentials by itself, and prints the id of the access key and the end of
 * the session in seconds of the epoch (`-` where the SDK does not show it), or `error …`.
 */

/** One client. */
export interface SdkClient {
  readonly name: string;
  /** The folder with its sources; what two clients build together is built once. */
  readonly folder: string;
  /** What has to be on the machine, as a command that ends well, and how it gets there. */
  readonly needs: readonly [command: readonly string[], install: string];
  /**
   * What makes it, in order, from its sources at `source` into the empty folder `target`.
   */
  readonly build: (source: string, target: string) => readonly (readonly string[])[];
  /** What starts the program that asks as often as its argument says, and is timed (`scripts/bench_sdk.ts`). */
  readonly many?: (source: string, target: string) => readonly string[];
  /** What starts it. */
  readonly words: (source: string, target: string) => readonly string[];
  /**
   * Ends that come from a metadata service: botocore takes one that is near for an outage of the
   * service, puts it off by 17 to 25 minutes by its own clock, and asks later ("static stability").
   */
  readonly putsOffNearEnds?: boolean;
  /** Clients that start again for each line keep nothing. */
  readonly keepsNothing?: boolean;
  /** It calls AWS before it prints what it calls with. */
  readonly asksAws?: boolean;
  /** How many of it ask the sources at once, where fifty can take longer than it waits for a program: 22 s. */
  readonly fewOfSourcesAtOnce?: number;
  /** An old one, which takes no token from a file. */
  readonly knowsNoTokenFile?: boolean;
}

const PYTHON = (source: string, target: string) => [
  ["python3", "-m", "venv", target],
  [
    `${target}/bin/python3`,
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--requirement",
    `${source}/requirements.txt`,
  ],
];

const COPY = (source: string, target: string) => ["cp", "-R", `${source}/.`, target];

const COPY_JARS = "dependency:copy-dependencies";

const CARGO_INSTALL = ["cargo", "install", "--quiet", "--locked", "--debug"];

/** All clients; versions are pinned in their folders, Debian's is of the release. */
export const SDK_CLIENTS: readonly SdkClient[] = [
  {
    name: "boto3",
    folder: "boto3",
    needs: [["python3", "-m", "venv", "--help"], "apt-get install python3-venv"],
    build: PYTHON,
    words: (source, target) => [`${target}/bin/python3`, `${source}/ask.py`],
    many: (source, target) => [`${target}/bin/python3`, `${source}/many.py`],
    putsOffNearEnds: true,
  },
  {
    name: "AWS CLI v1",
    folder: "boto3",
    needs: [["python3", "-m", "venv", "--help"], "apt-get install python3-venv"],
    build: PYTHON,
    words: (source, target) => [
      `${target}/bin/python3`,
      `${source}/../aws_cli/ask.py`,
      "sign",
      `${target}/bin/aws`,
    ],
    asksAws: true,
    keepsNothing: true,
  },
  {
    name: "AWS CLI v2",
    folder: "aws_cli",
    needs: [["/usr/bin/aws", "--version"], "apt-get install awscli"],
    build: () => [],
    words: (source) => ["/usr/bin/python3", `${source}/ask.py`, "export", "/usr/bin/aws"],
    keepsNothing: true,
    knowsNoTokenFile: true,
  },
  {
    name: "AWS SDK for JavaScript 3",
    folder: "javascript",
    needs: [["npm", "--version"], "install Node with npm"],
    build: (source, target) => [
      COPY(source, target),
      ["npm", "ci", "--no-audit", "--no-fund", "--prefix", target],
    ],
    words: (_, target) => ["node", `${target}/ask.mjs`],
    many: (_, target) => ["node", `${target}/many.mjs`],
  },
  {
    name: "AWS SDK for Go v2",
    folder: "go",
    needs: [["go", "version"], "install Go 1.24 or later"],
    build: (source, target) => [["go", "-C", source, "build", "-o", `${target}/ask`, "."]],
    words: (_, target) => [`${target}/ask`],
  },
  {
    name: "aws-sdk-go-base (Terraform)",
    folder: "go_base",
    needs: [["go", "version"], "install Go 1.25 or later"],
    build: (source, target) => [["go", "-C", source, "build", "-o", `${target}/ask`, "."]],
    words: (_, target) => [`${target}/ask`],
  },
  {
    name: "AWS SDK for Java 2",
    folder: "java",
    needs: [["mvn", "--version"], "apt-get install maven default-jdk-headless"],
    build: (source, target) => [
      ["mvn", "-q", "-B", "-f", `${source}/pom.xml`, COPY_JARS, `-DoutputDirectory=${target}/lib`],
      ["javac", "-cp", `${target}/lib/*`, "-d", target, `${source}/src/main/java/Ask.java`],
    ],
    words: (
      _,
      target,
    ) => ["java", "-XX:TieredStopAtLevel=1", "-cp", `${target}/lib/*:${target}`, "Ask"],
  },
  {
    name: "AWS SDK for Rust",
    folder: "rust",
    needs: [["cargo", "--version"], "install Rust 1.94 or later"],
    build: (source, target) => [
      [...CARGO_INSTALL, "--path", source, "--root", target, "--target-dir", `${target}/parts`],
      // Half a gigabyte.
      ["rm", "-rf", `${target}/parts`],
    ],
    words: (_, target) => [`${target}/bin/ask`],
    asksAws: true,
    fewOfSourcesAtOnce: 10,
  },
];

/** `exec` in a network of a test's own, which has its loopback interface and no more. */

import { Home } from "../home.ts";
import { requireService, runs } from "../services.ts";
import { programWords } from "./launch.ts";

/** The flags of unshare(1); who is not root is root in there. */
const OWN = [
  ...Deno.build.os !== "linux" || Deno.uid() === 0 ? [] : ["--map-root-user"],
  "--net",
  "--mount",
  "--pid",
  "--fork",
  "--mount-proc",
];

/** Whether there can be one, for the test that uses it. */
export function requireNamespace(): { ignore: boolean } {
  if (Deno.build.os !== "linux") return { ignore: true };
  return requireService(
    "a network namespace (unshare, ip)",
    runs("unshare", ...OWN, "ip", "address"),
    "apt-get install util-linux iproute2; run as root where users cannot make namespaces",
  );
}

/** A home with a cached session, since AWS is not in the namespace. */
export async function openCachedHome(): Promise<Home> {
  const home = await Home.open();
  home.write(".aws/config", "[profile work]\nregion = us-east-1\n");
  await home.as("work").succeed("add", "--env", "work");
  await home.succeed("export", "work");
  return home;
}

/**
 * Runs lines of a shell in a namespace, in the home: `exec_with FLAGS…` is `exec`, and `until_gone` waits
 * for the end of 169.254.169.254. Gives the lines of standard output, then those of standard error.
 */
export async function inNamespace(home: Home, script: string): Promise<string[]> {
  home.write(
    "script.sh",
    `cd
     ip link set lo up
     exec_with() { ${programLine()} exec "$@"; }
     until_gone() { while ip address show lo | grep -q 169.254; do :; done; }
     ${script}`,
  );
  const shell = ["unshare", ...OWN, "--", "sh", `${home.path}/script.sh`];
  const { stdout, stderr } = await home.start([], {}, shell).finished;
  return [...stdout.split("\n"), ...stderr.split("\n")].filter((line) => line !== "");
}

/** The program as words of a shell. */
export function programLine(): string {
  return programWords().map((word) => `"${word}"`).join(" ");
}

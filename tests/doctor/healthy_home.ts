import type { Home } from "../home.ts";

/** Puts into a home what somebody has who has done everything right: a key, a session, a config file. */
export async function addHealth(home: Home): Promise<void> {
  home.write(".aws/config", "[default]\nregion = us-east-1\n\n[profile work]\noutput = json\n");
  await home.as("work").succeed("add", "--env", "work");
  delete home.env["AWS_ACCESS_KEY_ID"];
  delete home.env["AWS_SECRET_ACCESS_KEY"];
  await home.succeed("export", "--format=json", "work");
}

/** What `doctor` finds, as lines `severity id subject`, sorted; the home folder is written `~`. */
export async function findingsOf(
  home: Home,
  ...flags: readonly string[]
): Promise<{ code: number; found: string[] }> {
  const { code, stdout } = await home.run("doctor", "--json", ...flags);
  const { findings } = JSON.parse(stdout);
  const found = findings.map(({ severity, id, subject }: Record<string, string>) =>
    `${severity} ${id} ${subject}`.replaceAll(home.path, "~")
      .replace(new URL(home.env["AWS_ENDPOINT_URL"]!).host, "<HOST>")
  );
  return { code, found: found.sort() };
}

/**
 * A process of its own that uses a stand-in's credentials, for the tests that end it.
 *
 * Arguments: the folder and `names`, `get` or `set`.
 */

import { waitForTheOthers } from "./processes.ts";
import { openIn } from "./wincred_stand_in.ts";

async function main(): Promise<void> {
  const [folder, what] = Deno.args as [string, string];
  const keyring = openIn(folder);
  await waitForTheOthers();
  if (what === "names") {
    const names = [...await keyring.keys()].sort().join();
    if (names !== "large,work" || !await keyring.has("large")) Deno.exit(1);
  }
  if (what === "get") await keyring.get("work");
  if (what === "set") {
    const data = new TextEncoder().encode("new");
    await keyring.set("work", { data, label: "aws-vault (work)" });
  }
}

await main();

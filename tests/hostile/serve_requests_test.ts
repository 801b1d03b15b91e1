/** What `serve` answers to requests that programs with a grant would not send. */

import { openServeHome, startServe } from "../process/serving.ts";
import { testAttacks } from "./attacked_server.ts";

testAttacks("serve", async () => {
  const home = await openServeHome();
  const serving = await startServe(home, "--grant", "one=work", "--grant", "two=admin");
  const [one, two] = serving.started;
  const { hostname, port, pathname } = new URL(one!.uri);
  return {
    target: {
      kind: "container",
      hostname,
      port: Number(port),
      path: pathname,
      proof: { name: "Authorization", value: one!.token },
    },
    secrets: () => [...home.aws.secrets(), one!.token, two!.token],
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
});

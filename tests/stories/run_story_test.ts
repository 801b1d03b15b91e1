/** The runner of stories judges rightly: with plain commands of the shell in the program's place. */

import assert from "node:assert/strict";
import { requireService, runs } from "../services.ts";
import { runStory } from "./run_story.ts";

const shell = requireService("a POSIX shell", Deno.build.os !== "windows", "Linux or macOS");
const terminal = requireService("python3", runs("python3", "--version"), "apt install python3");

const passes: Record<string, string> = {
  "output, error output, exit code, files and environment": `
# what a story can say
user jonsmith
env COLOUR=blue
$ echo $COLOUR; cat notes/a.txt; pwd; echo oops >&2; exit 7
> blue
> {from a file}
> <HOME>
2> oops
exit 7
env -COLOUR
$ echo "[$COLOUR]"
> []
-- notes/a.txt --
{from a file}
`,
  "what varies has a name": `
user jonsmith
$ echo {key jonsmith} at {url}; date -u +%Y-%m-%dT%H:%M:%SZ
> <KEY jonsmith> at <URL>
> <TIME>
$ printf 'one\\ntwo 17 three\\nfour\\nfive\\n'
> one
> two <ANY> three
> ...
> five
`,
  "secrets may be shown where the story says so": `
user jonsmith
$ echo {secret jonsmith}
reveals credentials
> <SECRET>
$ cat credentials > /dev/null
-- credentials --
{secret jonsmith}
`,
  "a script has no terminal": `
$ (: < /dev/tty) 2>/dev/null || echo none
> none
`,
};

const fails: Record<string, [story: string, message: RegExp]> = {
  "output that is not written": ["$ echo hello\n", /hello/],
  "output that differs": ["$ echo hello\n> hallo\n", /hallo/],
  "an exit code that is not written": ["$ exit 3\n", /exit 3/],
  "a secret in the output": ["user u\n$ echo {secret u}\n> <SECRET>\n", /leaks secrets/],
  "a secret in base64": ["user u\n$ printf 'x{secret u}' | base64\n> <ANY>\n", /leaks secrets/],
  "a secret in the error output": [
    "user u\n$ echo {secret u} >&2\nreveals credentials\n2> <SECRET>\n",
    /leaks secrets/,
  ],
  "a secret in a file": ["user u\n$ echo {secret u} > f\n", /leaks secrets/],
  "the passphrase": [
    "$ echo $AWS_VAULT_FILE_PASSPHRASE\nreveals credentials\n> <ANY>\n",
    /leaks secrets/,
  ],
  "a fault that never happened": ["fault throttle AssumeRole\n", /throttle of AssumeRole/],
  "a line that is not understood": ["\nwhatever\n", /line 2 of the story is not understood/],
};

for (const [name, story] of Object.entries(passes)) {
  Deno.test({
    ...shell,
    name: `runStory() passes: ${name}`,
    fn: async () => void await runStory(story),
  });
}

for (const [name, [story, message]] of Object.entries(fails)) {
  Deno.test({
    ...shell,
    name: `runStory() refuses ${name}`,
    fn: () => assert.rejects(runStory(story), message),
  });
}

const QUESTION = `
$tty printf 'Name: ' >/dev/tty; read name </dev/tty; echo "hello $name"; test -t 0 && test ! -t 1
? Name:
< you
tty> Name: you
> hello you
`;

Deno.test({
  ...terminal,
  name: "runStory() answers questions on a terminal, beside the standard output",
  fn: async () => void await runStory(QUESTION),
});

Deno.test({
  ...terminal,
  name: "runStory() presses Ctrl-C on a terminal, and says what never appeared there",
  async fn() {
    // `exec`: dash forgets an interrupt that comes just before it starts a program.
    await runStory("$tty printf ready >/dev/tty; exec cat\n? ready\n< ^C\nexit 130\n");
    await assert.rejects(runStory("$tty true\n? Name:\n"), /\$ true never asked/);
  },
});

Deno.test({
  ...shell,
  name: "runStory() writes what really happened",
  async fn() {
    const written =
      "$ echo a; exit 2\n> b\n\n$ echo c\nreveals credentials\n> c\n$ pwd\n-- f --\n> x\n";
    assert.equal(
      await runStory(written, { update: true }),
      "$ echo a; exit 2\n> a\nexit 2\n\n$ echo c\nreveals credentials\n> c\n$ pwd\n> <HOME>\n-- f --\n> x\n",
    );
  },
});

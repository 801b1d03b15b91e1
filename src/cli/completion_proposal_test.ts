import assert from "node:assert/strict";
import {
  type Completion,
  type CompletionKnowledge,
  proposeCompletions,
} from "./completion_proposal.ts";
import type { ManualCommand, ManualFlag } from "./manual_commands.ts";

const flag = (name: string, more: Partial<ManualFlag> = {}): ManualFlag => ({
  name,
  short: undefined,
  placeholder: undefined,
  values: [],
  brief: "",
  isGlobal: false,
  isHidden: false,
  ...more,
});

const GLOBAL = [
  flag("--debug", { isGlobal: true }),
  flag("--backend", { isGlobal: true, placeholder: "name" }),
  flag("--file-dir", { isGlobal: true, placeholder: "folder" }),
];

const command = (
  name: string,
  placeholders: readonly string[],
  flags: readonly ManualFlag[] = [],
): ManualCommand => ({
  name,
  aliases: name === "remove" ? ["rm"] : [],
  brief: "",
  flags: [...GLOBAL, ...flags],
  arguments: placeholders.map((placeholder) => ({
    placeholder,
    brief: "",
    isOptional: true,
    isRepeated: placeholder.endsWith("…]"),
  })),
  isHidden: name === "server",
});

const KNOWLEDGE: CompletionKnowledge = {
  topics: [{ name: "exit-codes", brief: "What the exit codes mean." }],
  commands: [
    command("exec", ["[profile] [-- command args…]"], [
      flag("--duration", { short: "-d", placeholder: "duration" }),
      flag("--json", { isHidden: true }),
    ]),
    command("export", ["profile"], [
      flag("--format", { placeholder: "a|b", values: ["env", "ini"] }),
    ]),
    command("remove", ["profile"]),
    command("serve", ["[profile…]"]),
    command("import", ["file"]),
    command("completion", ["shell"]),
    command("sso login", ["sso-session"], [flag("--no-browser")]),
    command("sso list", ["sso-session"]),
    command("server", []),
  ],
  groups: new Set(["sso"]),
  ssoSessions: () => ["corp"],
  commandsWithChild: new Set(["exec"]),
  backends: () => ["file", "pass"],
  promptDrivers: () => ["terminal", "zenity"],
  shells: () => ["bash", "zsh"],
  profiles: () => ["default", "Work", "work-admin"],
  keyProfiles: (names) => names.filter((name) => !name.endsWith("-admin")),
};

const CASES: [line: string, expected: string[] | Exclude<Completion, { kind: "values" }>][] = [
  ["", ["exec", "export", "remove", "serve", "import", "completion", "sso", "help"]],
  ["ex", ["exec", "export"]],
  ["-", ["--debug", "--backend", "--file-dir", "--help", "--version"]],
  ["--backend ", ["file", "pass"]],
  ["--backend=p", ["--backend=pass"]],
  ["--backend file ex", ["exec", "export"]],
  ["--file-dir ", { kind: "folders" }],
  ["help re", ["remove"]],
  ["help remove ", []],
  ["exec ", ["default", "Work", "work-admin"]],
  ["exec WORK", ["Work", "work-admin"]],
  ["exec -d 1h wo", ["Work", "work-admin"]],
  ["exec -d1h wo", ["Work", "work-admin"]],
  ["exec -d ", []],
  ["exec --d", ["--duration", "--debug"]],
  ["exec --debug --d", ["--duration"]],
  ["exec Work -- ", { kind: "child", from: 3 }],
  ["exec Work -- ls -", { kind: "child", from: 3 }],
  ["exec -- ls -", { kind: "child", from: 2 }],
  ["exec Work l", { kind: "child", from: 2 }],
  ["exec --debug Work ls -l -", { kind: "child", from: 3 }],
  ["--debug exec Work -- l", { kind: "child", from: 4 }],
  ["export --format ", ["env", "ini"]],
  ["export --format=i", ["--format=ini"]],
  ["export -- --", []],
  ["export Work ", ["--format", "--debug", "--backend", "--file-dir", "--help"]],
  ["remove ", ["default", "Work"]],
  ["rm ", ["default", "Work"]],
  ["serve Work wo", ["Work", "work-admin"]],
  ["import ", { kind: "files" }],
  ["completion z", ["zsh"]],
  ["sso ", ["login", "list"]],
  ["--debug sso lo", ["login"]],
  ["help sso l", ["login", "list"]],
  ["sso login ", ["corp", "default", "Work", "work-admin"]],
  ["sso login --no", ["--no-browser"]],
  ["sso login corp --d", ["--debug"]],
  ["exec sso ", { kind: "child", from: 2 }],
  ["frobnicate ", []],
  ["exec --frobnicate=", []],
];

for (const [line, expected] of CASES) {
  Deno.test(`proposeCompletions() after: ${line}`, () => {
    const completion = proposeCompletions(line.split(" "), KNOWLEDGE);
    const found = completion.kind === "values"
      ? completion.values.map(({ value }) => value)
      : completion;
    assert.deepEqual(found, expected);
  });
}

Deno.test("proposeCompletions() asks for profiles only where one can stand", () => {
  const fail = () => assert.fail("the config file was read");
  const knowledge = { ...KNOWLEDGE, profiles: fail, keyProfiles: fail };
  proposeCompletions([""], knowledge);
  proposeCompletions(["exec", "--"], knowledge);
  proposeCompletions(["exec", "work", "--", ""], knowledge);
});

import assert from "node:assert/strict";
import { memoryEnv } from "../tests/fakes/memory_host.ts";
import { type BackendOptions, flagKey, flagParser, readOptions } from "./backend_option.ts";
import { Secret } from "./secret.ts";

const OPTIONS = {
  folder: { kind: "text", flag: "--its-folder", variable: "FOLDER", brief: "", default: "~/it" },
  wait: { kind: "duration", variable: "WAIT", brief: "", default: "15m" },
  touch: { kind: "boolean", flag: "--touch", variable: "TOUCH", brief: "" },
  most: { kind: "count", flag: "--most", variable: "MOST", brief: "" },
  from: { kind: "descriptor", flag: "--from-fd", brief: "" },
  token: { kind: "secret", variable: "TOKEN", brief: "" },
} as const satisfies BackendOptions;

const NOTHING = { touch: undefined, most: undefined, from: undefined, token: undefined };

Deno.test("readOptions() prefers the flag, then the variable, then the default", () => {
  const read = (flags: Record<string, unknown>, env: Record<string, string> = {}) =>
    readOptions(OPTIONS, flags, memoryEnv(env));
  const defaults = { ...NOTHING, folder: "~/it", wait: 900 };
  assert.deepEqual(read({}), defaults);
  assert.deepEqual(read({ itsFolder: "" }, { FOLDER: "", WAIT: "", TOUCH: "" }), defaults);
  const env = { FOLDER: "/env", WAIT: "0", TOUCH: "true", MOST: "7", TOKEN: "t" };
  const token = new Secret("t");
  assert.equal(read({}, env).token?.reveal(), "t");
  const given = { folder: "/env", wait: 0, touch: true, most: 7, from: undefined, token };
  assert.deepEqual(read({}, env), given);
  assert.deepEqual(read({ itsFolder: "/flag", most: 0, from: 1, fromFd: 3 }, env), {
    ...given,
    folder: "/flag",
    most: 0,
    from: 3,
  });
  assert.deepEqual(read({}, { TOUCH: "yes" }), { ...defaults, touch: false });
});

Deno.test("readOptions() names the variable that it cannot understand", () => {
  const read = (env: Record<string, string>) => () => readOptions(OPTIONS, {}, memoryEnv(env));
  assert.throws(read({ WAIT: "soon" }), { code: "bad-usage", message: /WAIT: "soon"/ });
  assert.throws(read({ MOST: "-1" }), {
    code: "bad-usage",
    message: 'Cannot understand MOST "-1": it must be a whole number',
  });
});

Deno.test("flagParser() names the flag, and there is none for a flag without a value", () => {
  assert.equal(flagParser(OPTIONS.touch), undefined);
  assert.throws(() => flagParser(OPTIONS.most)?.("x"), {
    message: 'Cannot understand --most "x": it must be a whole number',
  });
  assert.equal(flagKey("--its-long-name2"), "itsLongName2");
});

Deno.test("readOptions() leaves a time without unit out of account, and says so", () => {
  const said: string[] = [];
  const read = (value: string) =>
    readOptions(OPTIONS, {}, memoryEnv({ WAIT: value }), (text) => said.push(text)).wait;
  assert.deepEqual(["60", "1.5", "0", "60s"].map(read), [900, 900, 0, 60]);
  assert.deepEqual(said, [
    'WAIT is ignored: "60" has no unit, such as 15m',
    'WAIT is ignored: "1.5" has no unit, such as 15m',
  ]);
});

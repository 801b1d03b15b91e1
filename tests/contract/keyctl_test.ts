import assert from "node:assert/strict";
import {
  LARGEST_DATA_BYTES,
  openKeyctlKeyring,
  probeKeyctl,
} from "../../backends/keyctl/keyring.ts";
import { type KernelKeys, NativeFailure } from "../../src/native.ts";
import { systemNative } from "../../src/system/native.ts";
import { requireService, runs } from "../services.ts";
import { hasKernelKeys, KERNEL_KEYS_INSTALL, testKeyring } from "../services/kernel_keyring.ts";
import { programOutput } from "../services/program_output.ts";
import { testKeyringContract } from "./keyring_contract.ts";

const { ignore } = requireService("the kernel's keys", hasKernelKeys(), KERNEL_KEYS_INSTALL);
const opener = new URL("keyctl_opener.ts", import.meta.url).href;
const item = (text: string) => ({ data: new TextEncoder().encode(text), label: "" });

testKeyringContract("keyctl", {
  opener,
  ignore,
  // Three system calls, the last of which makes the key be there.
  fewestSteps: 0,
  // All keys of a user other than root may have 20,000 bytes together.
  largestDataBytes: Deno.uid() === 0 ? LARGEST_DATA_BYTES : 8 * 1024,
  makeStore() {
    const keyring = testKeyring();
    return {
      config: { keyringName: keyring.name },
      // deno-lint-ignore require-await -- the suite disposes of stores asynchronously
      [Symbol.asyncDispose]: async () => keyring[Symbol.dispose](),
    };
  },
});

const keyctl = requireService("keyctl", !ignore && runs("keyctl", "--version"), "Debian: keyutils");
const open = (keyringName: string) =>
  openKeyctlKeyring({ native: systemNative() }, { keyringName });

Deno.test("a key that keyctl stored is read, and keyctl reads ours", keyctl, async () => {
  using ring = testKeyring();
  const keyring = open(ring.name);
  await keyring.set("home", item("ours"));
  const ours = (await programOutput("keyctl", ["search", "@u", "keyring", ring.name])).trim();
  await programOutput("keyctl", ["padd", "user", "work", ours], { stdin: "theirs" });
  assert.deepEqual((await keyring.keys()).sort(), ["home", "work"]);
  assert.equal(new TextDecoder().decode(await keyring.get("work")), "theirs");
  const serial = (await programOutput("keyctl", ["search", "@u", "user", "home"])).trim();
  assert.equal(await programOutput("keyctl", ["pipe", serial]), "ours");
});

/** Does with the keyring, in a session keyring that does not have the user's in it, what the text says. */
async function inFreshSession(keyringName: string, body: string): Promise<string> {
  const script = `const { openKeyring } = await import(${JSON.stringify(opener)});` +
    `const keyring = openKeyring({ keyringName: ${JSON.stringify(keyringName)} });` +
    `const item = (text) => ({ data: new TextEncoder().encode(text), label: "" });` +
    `const text = (data) => data && new TextDecoder().decode(data);` +
    `console.log(JSON.stringify(await (async () => { ${body} })()));`;
  const args = ["session", "-", Deno.execPath(), "eval", "--no-check", script];
  return (await programOutput("keyctl", args)).split("\n").at(-2)!;
}

Deno.test("a fresh login session reads, lists, replaces and removes", keyctl, async () => {
  using ring = testKeyring();
  const keyring = open(ring.name);
  await keyring.set("work", item("first"));
  await keyring.set("home", item("second"));
  const seen = await inFreshSession(
    ring.name,
    `const seen = [text(await keyring.get("work")), (await keyring.keys()).sort()];
     await keyring.set("work", item("third")); await keyring.set("new", item("fourth"));
     return [...seen, await keyring.remove("home"), await keyring.remove("home")];`,
  );
  assert.deepEqual(JSON.parse(seen), ["first", ["home", "work"], true, false]);
  assert.deepEqual((await keyring.keys()).sort(), ["new", "work"]);
  assert.equal(new TextDecoder().decode(await keyring.get("work")), "third");
  assert.equal(new TextDecoder().decode(await keyring.get("new")), "fourth");
});

Deno.test("a keyring that a fresh session made is ours, too", keyctl, async () => {
  using ring = testKeyring();
  await inFreshSession(ring.name, `await keyring.set("work", item("value"));`);
  assert.equal(new TextDecoder().decode(await open(ring.name).get("work")), "value");
});

Deno.test("first keys of many processes at once make one keyring", { ignore }, async () => {
  using ring = testKeyring();
  const names = ["a", "b", "c", "d"];
  const script = (name: string) =>
    `const { openKeyring } = await import(${JSON.stringify(opener)});` +
    `await openKeyring({ keyringName: "${ring.name}" })` +
    `.set("${name}", { data: new Uint8Array(1), label: "" });`;
  await Promise.all(
    names.map((name) => programOutput(Deno.execPath(), ["eval", "--no-check", script(name)])),
  );
  assert.deepEqual((await open(ring.name).keys()).sort(), names);
});

Deno.test("a key that is too large for the kernel is refused", { ignore }, async () => {
  using ring = testKeyring();
  const keyring = open(ring.name);
  await assert.rejects(
    keyring.set("work", { data: new Uint8Array(LARGEST_DATA_BYTES + 1), label: "" }),
    {
      code: "unsupported",
      message: 'Cannot store "work" in the kernel: a kernel key holds at most 32766 bytes',
    },
  );
  assert.deepEqual(await keyring.keys(), []);
});

Deno.test("a name that is not a C string is refused", { ignore }, async () => {
  const keyring = open("aws-vault-test-never-made");
  for (const key of ["", "a\0b", "\ud800", "x".repeat(4096)]) {
    await assert.rejects(keyring.get(key), { code: "unsupported" }, JSON.stringify(key));
  }
});

/** A kernel that answers everything with one error. */
function failingWith(symbol: string) {
  const fail = () => {
    throw new NativeFailure(symbol, `it fails with ${symbol}`);
  };
  const kernel: KernelKeys = {
    specialKeyring: () => 1,
    findKeyring: fail,
    makeKeyring: fail,
    search: fail,
    add: fail,
    read: fail,
    describe: fail,
    list: fail,
    unlink: fail,
    invalidate: fail,
    leaveSession: fail,
  };
  return { native: { ...systemNative(), kernelKeys: () => Promise.resolve(kernel) } };
}

const FAILURES: [symbol: string, code: string, message: string][] = [
  ["EPERM", "keyring-unavailable", "it is forbidden here, as in many containers"],
  ["ENOSYS", "keyring-unavailable", "it does not support keys, or they are turned off here"],
  ["EACCES", "keyring-failed", "the permissions of the key or its keyring do not allow it"],
  [
    "EDQUOT",
    "keyring-failed",
    "the user's quota is used up (mostly 200 keys and 20,000 bytes together, see /proc/key-users)",
  ],
  ["errno 5", "keyring-failed", "it fails with errno 5"],
];

Deno.test("the kernel's refusals are put into words", async () => {
  for (const [symbol, code, reason] of FAILURES) {
    const keyring = openKeyctlKeyring(failingWith(symbol));
    await assert.rejects(keyring.set("work", item("x")), {
      code,
      message: `Cannot store "work" in the kernel: ${reason}`,
    });
  }
});

Deno.test("probeKeyctl() says why there are no keys here", async () => {
  const native = { ...systemNative(), kernelKeys: () => Promise.resolve(undefined) };
  assert.equal(await probeKeyctl({ native }), "This machine does not have kernel keys");
  const forbidden = failingWith("EPERM");
  const kernel = await forbidden.native.kernelKeys();
  kernel.specialKeyring = kernel.findKeyring as never;
  assert.equal(
    await probeKeyctl(forbidden),
    "The kernel's keys cannot be used: it is forbidden here, as in many containers",
  );
});

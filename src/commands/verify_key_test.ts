import assert from "node:assert/strict";
import { openConfig } from "../config/profile.ts";
import { VaultError } from "../errors.ts";
import type { HttpRequest } from "../http.ts";
import type { AskOptions } from "../terminal.ts";
import { Secret } from "../secret.ts";
import { memoryHost } from "../../tests/fakes/memory_host.ts";
import type { Invocation } from "./context.ts";
import { describeCaller, verifyKey } from "./verify_key.ts";

const KEY = { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: new Secret("s") };

/** Verifies where AWS never answers and nobody does, or somebody with these words. */
async function verifyInSilence(isRequested: boolean, answer?: string) {
  const host = memoryHost();
  const asked: unknown[] = [];
  const hanging = ({ signal }: HttpRequest) =>
    new Promise((_, reject) => {
      if (signal?.aborted) reject(signal.reason);
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
  const terminal = {
    isAvailable: () => Promise.resolve(true),
    dropTyped: () => Promise.resolve(),
    ask(question: string, options: AskOptions) {
      asked.push([question, options]);
      if (answer !== undefined) return Promise.resolve(new Secret(answer));
      return Promise.reject(new VaultError("needs-person", "Nobody answered"));
    },
  };
  const invocation = {
    host: { ...host, terminal, http: { send: hanging } },
    sources: [],
    mayPrompt: true,
    config: () => openConfig("", "c"),
  } as unknown as Invocation;
  const outcome = await verifyKey(invocation, { profile: "work", key: KEY }, { isRequested }).catch(
    (error) => `${error.code}: ${error.message}`,
  );
  return { outcome, asked, said: host.talk.said };
}

Deno.test("verifyKey() that nobody asked for ends in time, and stores where nobody answers", async () => {
  const question = "Store it anyway? (Y|n, stored after 4 s) ";
  const said = [
    "warning: Cannot verify key AKIAIOSFODNN7EXAMPLE: AWS did not answer within 4 s",
  ];
  assert.deepEqual(await verifyInSilence(false), {
    outcome: undefined,
    asked: [[question, { timeoutMs: 4000, waitsForTyping: true }]],
    said: [...said, "note: Nobody answered: the key is stored unverified"],
  });
  assert.deepEqual(await verifyInSilence(false, "n"), {
    outcome: "conflict: Key AKIAIOSFODNN7EXAMPLE was not stored",
    asked: [[question, { timeoutMs: 4000, waitsForTyping: true }]],
    said,
  });
});

Deno.test("describeCaller() names user and account", () => {
  const describe = (arn: string) => describeCaller({ arn, accountId: "000000000001", userId: "" });
  assert.deepEqual(
    [
      describe("arn:aws:iam::000000000001:user/a/b/work"),
      describe("arn:aws-cn:iam::000000000001:user/work"),
      describe("arn:aws:iam::000000000001:root"),
      describe("arn:aws:sts::000000000001:federated-user/x\u001b"),
    ],
    [
      'user "work" of account 000000000001',
      'user "work" of account 000000000001',
      "the root user of account 000000000001",
      '"arn:aws:sts::000000000001:federated-user/x\u001b" of account 000000000001',
    ],
  );
});

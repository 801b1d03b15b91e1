import assert from "node:assert/strict";
import {
  openSecretServiceKeyring,
  type SecretServiceHost,
} from "../../backends/secret_service/keyring.ts";
import { probeSecretService } from "../../backends/secret_service/probe.ts";
import type { ProbeLimits } from "../../backends/session_bus.ts";
import type { VaultError } from "../../src/errors.ts";
import { requireService } from "../services.ts";
import {
  GNOME_KEYRING_INSTALL,
  hasGnomeKeyring,
  startGnomeKeyring,
} from "../services/gnome_keyring.ts";
import { desktopHost, startBus } from "../services/session_bus.ts";

const { ignore } = requireService("gnome-keyring", hasGnomeKeyring(), GNOME_KEYRING_INSTALL);

/** For a bus that answers, however busy the machine is. */
const PATIENT: ProbeLimits = { connectMs: 30_000, callMs: 30_000 };

/** What the probe and a read say, which must both come within 2 s. */
async function outcome(host: SecretServiceHost, probeLimits?: ProbeLimits) {
  const started = performance.now();
  const limits = { callMs: 60_000, promptMs: 60_000 };
  const keyring = openSecretServiceKeyring(host, { mayPrompt: true, limits });
  const probe = await probeSecretService(host, probeLimits);
  assert.ok(performance.now() - started < 2_000, "the probe is quick");
  const restarted = performance.now();
  const error: VaultError = await keyring.get("work").then(() => assert.fail(), (error) => error);
  assert.ok(performance.now() - restarted < 2_000, "the error is quick");
  keyring.close();
  return { probe, code: error.code, message: error.message };
}

Deno.test("a missing library is not here", async () => {
  const host = desktopHost({ DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere/bus" });
  const native = { ...host.native, dbus: () => Promise.resolve(undefined) };
  assert.deepEqual(await outcome({ ...host, native }), {
    probe: "The library libgio-2.0.so.0 is not on this machine",
    code: "keyring-unavailable",
    message: "The library libgio-2.0.so.0 is not on this machine",
  });
});

Deno.test("a missing bus is not here", { ignore }, async () => {
  const reason = "There is no D-Bus session bus: DBUS_SESSION_BUS_ADDRESS is not set";
  for (const env of [{}, { DBUS_SESSION_BUS_ADDRESS: "", XDG_RUNTIME_DIR: "" }]) {
    assert.deepEqual(await outcome(desktopHost(env)), {
      probe: reason,
      code: "keyring-unavailable",
      message: reason,
    });
  }
});

Deno.test("a bus address that leads nowhere is an error within 2 s", { ignore }, async () => {
  const failed = "Cannot connect to the D-Bus session bus: ";
  for (
    const [env, reason] of [
      [{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere/bus" }, "could not connect: "],
      [{ XDG_RUNTIME_DIR: "/nowhere at all" }, "could not connect: "],
      [{ DBUS_SESSION_BUS_ADDRESS: "\u001b[31mnonsense" }, ""],
      [{ DBUS_SESSION_BUS_ADDRESS: "tcp:host=127.0.0.1,port=1" }, "could not connect to 127.0.0.1"],
    ] as const
  ) {
    const { probe, code, message } = await outcome(desktopHost(env));
    assert.equal(probe, message);
    assert.equal(code, "keyring-unavailable");
    assert.ok(message.startsWith(failed + reason), message);
  }
});

Deno.test("a bus that accepts and says nothing is an error within 2 s", { ignore }, async () => {
  const folder = await Deno.makeTempDir();
  using listener = Deno.listen({ transport: "unix", path: `${folder}/bus` });
  const accepted: Deno.Conn[] = [];
  const accepting = (async () => {
    for await (const connection of listener) accepted.push(connection);
  })();
  const message = "Cannot connect to the D-Bus session bus: it does not answer";
  assert.deepEqual(await outcome(desktopHost({ XDG_RUNTIME_DIR: folder })), {
    probe: message,
    code: "keyring-unavailable",
    message,
  });
  listener.close();
  await accepting;
  for (const connection of accepted) connection.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a bus without the service is not here", { ignore }, async () => {
  await using bus = await startBus();
  const { probe, code, message } = await outcome(desktopHost(bus.env), PATIENT);
  assert.equal(probe, "No program on the session bus provides the Secret Service");
  assert.equal(code, "keyring-unavailable");
  assert.match(message, /^Cannot read "work" from the Secret Service: it is not there: /);
});

Deno.test("the probe starts no program", { ignore }, async () => {
  await using bus = await startBus();
  const trace = `${bus.folder}/started`;
  await bus.makeActivatable("org.freedesktop.secrets", `/bin/touch ${trace}`);
  assert.equal(await probeSecretService(desktopHost(bus.env), PATIENT), undefined);
  await assert.rejects(() => Deno.stat(trace), Deno.errors.NotFound);
});

Deno.test("a service that hangs or dies is an error in time", { ignore }, async () => {
  await using service = await startGnomeKeyring();
  const limits = { callMs: 30_000, promptMs: 30_000 };
  const host = desktopHost(service.env);
  const keyring = openSecretServiceKeyring(host, { mayPrompt: true, limits });
  assert.deepEqual(await keyring.keys(), []);
  service.hang();
  // Only now: what answers may take its time.
  limits.callMs = limits.promptMs = 300;
  const silent = await keyring.get("work").then(() => assert.fail(), (error) => error);
  assert.deepEqual([silent.code, silent.message, silent.hints], [
    "keyring-unavailable",
    'Cannot read "work" from the Secret Service: it does not answer',
    ["Log in to the desktop again, which restarts it, or choose another keystore with --backend"],
  ]);
  await service.kill();
  const dead = await keyring.keys().then(() => assert.fail(), (error) => error);
  assert.equal(dead.code, "keyring-unavailable");
  assert.match(dead.message, /^Cannot list the keys in the Secret Service: it is not there: /);
  keyring.close();
});

Deno.test("a bus that goes away ends the call, not this process", { ignore }, async () => {
  const service = await startGnomeKeyring();
  const keyring = openSecretServiceKeyring(desktopHost(service.env), { mayPrompt: false });
  assert.deepEqual(await keyring.keys(), []);
  await service[Symbol.asyncDispose]();
  const error = await keyring.keys().then(() => assert.fail(), (error) => error);
  assert.equal(error.code, "keyring-unavailable");
  keyring.close();
});

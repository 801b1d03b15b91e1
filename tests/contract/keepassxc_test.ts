import assert from "node:assert/strict";
import type { SecretServiceLimits } from "../../backends/secret_service/client.ts";
import { openSecretServiceKeyring } from "../../backends/secret_service/keyring.ts";
import type { VaultError } from "../../src/errors.ts";
import type { Keyring } from "../../src/keyring.ts";
import { requireService } from "../services.ts";
import {
  hasKeePassXC,
  type KeePassXC,
  KEEPASSXC_INSTALL,
  type KeePassXCSettings,
  MASTER_PASSWORD,
  startKeePassXC,
} from "../services/keepassxc.ts";
import { desktopHost } from "../services/session_bus.ts";
import { retryCrashes } from "./retry_crashes.ts";

const { ignore } = requireService("KeePassXC", hasKeePassXC(), KEEPASSXC_INSTALL);

const bytes = (text: string) => new TextEncoder().encode(text);
const item = { data: bytes("data of work"), label: "aws-vault (work)" };
/** The only window where nothing is asked. */
const MAIN_WINDOW = "Passwords - KeePassXC";
const NOBODY = "it is locked, and nobody can be asked to unlock it";

interface Scene {
  readonly service: KeePassXC;
  readonly said: readonly string[];
  /** Opens the keyring as another process of ours would. */
  open(mayPrompt: boolean): Keyring;
}

async function withKeePassXC(
  body: (scene: Scene) => Promise<void>,
  settings: KeePassXCSettings = {},
  limits = { callMs: 20_000, promptMs: 60_000 },
): Promise<void> {
  await retryCrashes(
    () => startKeePassXC(settings),
    (service) => withService(service, body, limits),
  );
}

async function withService(
  service: KeePassXC,
  body: (scene: Scene) => Promise<void>,
  limits: SecretServiceLimits,
): Promise<void> {
  const host = desktopHost(service.env);
  const opened: Keyring[] = [];
  const open = (mayPrompt: boolean) => {
    const keyring = openSecretServiceKeyring(host, { mayPrompt, limits });
    opened.push(keyring);
    return keyring;
  };
  try {
    await body({ service, said: host.said, open });
  } finally {
    for (const keyring of opened) keyring.close();
  }
}

async function failure(of: Promise<unknown>): Promise<unknown> {
  const error = await of.then((value) => assert.fail(`no error but ${value}`), (error) => error);
  const { code, exitCode, message } = error as VaultError;
  return { code, exitCode, message };
}

Deno.test("KeePassXC shows no wizard, and its default collection is remembered", {
  ignore,
}, async () => {
  await withKeePassXC(async ({ service, said, open }) => {
    const started = performance.now();
    await open(true).set("work", item);
    assert.ok(performance.now() - started < 30_000, "nobody waits");
    const warning = 'The Secret Service cannot create the collection "awsvault" here; ' +
      "the keys are stored in its default collection";
    assert.deepEqual(said, [warning]);
    // Another process finds out by what is there, and says nothing.
    await open(true).set("home", item);
    assert.deepEqual(said, [warning]);
    assert.deepEqual(await service.windows(), [MAIN_WINDOW]);
    assert.deepEqual((await open(false).keys()).sort(), ["home", "work"]);
  });
});

Deno.test("what one process stored in KeePassXC another replaces and removes, and asks nobody", {
  ignore,
}, async () => {
  await withKeePassXC(async ({ service, open }) => {
    await open(false).set("work", item);
    await open(false).set("work", { ...item, data: bytes("new data") });
    assert.deepEqual(await open(false).get("work"), bytes("new data"));
    assert.equal(await open(false).remove("work"), true);
    assert.equal(await open(false).has("work"), false);
    assert.deepEqual(await service.windows(), [MAIN_WINDOW]);
  });
});

Deno.test("a locked KeePassXC is not an empty one, and is not asked without a prompt", {
  ignore,
}, async () => {
  await withKeePassXC(async ({ service, open }) => {
    await open(false).set("work", item);
    await service.lock();
    const locked = (action: string) => ({
      code: "keyring-locked",
      exitCode: 4,
      message: `Cannot ${action} the Secret Service: ${NOBODY}`,
    });
    assert.deepEqual(await failure(open(false).get("work")), locked('read "work" from'));
    assert.deepEqual(await failure(open(false).has("work")), locked('look for "work" in'));
    assert.deepEqual(await failure(open(false).keys()), locked("list the keys in"));
    assert.deepEqual(await failure(open(false).remove("work")), locked('remove "work" from'));
    assert.deepEqual(await failure(open(false).set("work", item)), locked('store "work" in'));
    assert.deepEqual(await service.windows(), ["passwords.kdbx [Locked] - KeePassXC"]);
  });
});

Deno.test("a search that waits for KeePassXC's master password is waited for", {
  ignore,
}, async () => {
  await withKeePassXC(async ({ service, open }) => {
    await open(false).set("work", item);
    await service.lock();
    const reading = open(true).get("work");
    await service.answerUnlock(MASTER_PASSWORD);
    assert.deepEqual(await reading, item.data);
  });
});

for (
  const { what, settings, reason } of [
    {
      what: "whose database was not opened since the login",
      settings: { isNeverOpened: true },
      reason: NOBODY,
    },
    {
      what: "that shares no group",
      settings: { sharesNothing: true },
      reason: "it has no collection: its database is not open, or shares no group",
    },
  ]
) {
  Deno.test(`a KeePassXC ${what} is not an empty one, and is not asked without a prompt`, {
    ignore,
  }, async () => {
    await withKeePassXC(async ({ service, open }) => {
      const keyring = open(false);
      const acts = {
        'read "work" from': () => keyring.get("work"),
        'store "work" in': () => keyring.set("work", item),
        'remove "work" from': () => keyring.remove("work"),
        "list the keys in": () => keyring.keys(),
      };
      for (const [doing, act] of Object.entries(acts)) {
        assert.deepEqual(await failure(act()), {
          code: "keyring-locked",
          exitCode: 4,
          message: `Cannot ${doing} the Secret Service: ${reason}`,
        });
      }
      assert.deepEqual((await service.windows()).filter((title) => /^Unlock/.test(title)), []);
    }, settings);
  });
}

Deno.test("a database that was not opened since the login is opened for a search", {
  ignore,
}, async () => {
  await withKeePassXC(async ({ service, open }) => {
    const looking = open(true).has("work");
    await service.answerUnlock(MASTER_PASSWORD);
    assert.equal(await looking, false);
    await open(false).set("work", item);
    assert.deepEqual(await open(false).get("work"), item.data);
  }, { isNeverOpened: true });
});

Deno.test("a search that nobody answers is a prompt that nobody answered", { ignore }, async () => {
  await withKeePassXC(
    async ({ open, service }) => {
      await open(false).set("work", item);
      await service.lock();
      assert.deepEqual(await failure(open(true).get("work")), {
        code: "keyring-locked",
        exitCode: 4,
        message: 'Cannot read "work" from the Secret Service: nobody answered its prompt',
      });
    },
    {},
    { callMs: 10_000, promptMs: 10_500 },
  );
});

Deno.test("a KeePassXC that hangs is an error in time, also where a person may be asked", {
  ignore,
}, async () => {
  const limits = { callMs: 20_000, promptMs: 60_000 };
  await withKeePassXC(
    async ({ service, open }) => {
      limits.callMs = 20_000;
      const keyring = open(true);
      await keyring.set("work", item);
      service.hang();
      // Only now: what answers may take its time.
      limits.callMs = 4_000;
      const started = performance.now();
      assert.deepEqual(await failure(keyring.get("work")), {
        code: "keyring-unavailable",
        exitCode: 1,
        message: 'Cannot read "work" from the Secret Service: it does not answer',
      });
      assert.ok(performance.now() - started < 30_000, "nobody waits as for a person");
    },
    {},
    limits,
  );
});

Deno.test("KeePassXC asks for each use where the person has it so", { ignore }, async () => {
  await withKeePassXC(async ({ service, open }) => {
    await open(false).set("work", item);
    assert.deepEqual(await failure(open(false).get("work")), {
      code: "keyring-locked",
      exitCode: 4,
      message: `Cannot read "work" from the Secret Service: ${NOBODY}`,
    });
    assert.deepEqual(await service.windows(), [MAIN_WINDOW]);
    const reading = open(true).get("work");
    await service.allowAccess();
    assert.deepEqual(await reading, item.data);
  }, { confirmAccess: true });
});

Deno.test("a name with a reference of KeePass shows nobody the entry that it names", {
  ignore,
}, async () => {
  await withKeePassXC(async ({ service, open }) => {
    await open(false).set("bank", item);
    const keys = ["{REF:P@T:bank}", "{ref:t@t:bank}", "{%REF:P@T:bank}", "{PASSWORD}", "{team}"];
    for (const key of keys) await open(false).set(key, { ...item, data: bytes(`of ${key}`) });
    assert.deepEqual((await open(false).keys()).sort(), ["bank", ...keys].sort());
    for (const key of keys) assert.deepEqual(await open(false).get(key), bytes(`of ${key}`));
    const titles = ["bank", "{%%REF:P@T:bank}", "{%REF:P@T:bank}", "{%ref:t@t:bank}"];
    await service.lock();
    assert.deepEqual(
      (await service.entries()).sort(),
      ["Secrets/", ...[...titles, "{PASSWORD}", "{team}"].map((title) => `Secrets/${title}`)]
        .sort(),
    );
  });
});

/** `{PASSWORD}` twice in one secret, in name and label, is a text without end for KeePassXC: it dies. */
const PLACEHOLDERS = [
  "{PASSWORD}",
  "{USERNAME}",
  "{TITLE}",
  "{NOTES}",
  "{URL}",
  "{TOTP}",
  "{UUID}",
  "{DB_DIR}",
  "{DT_SIMPLE}",
  "{S:profile}",
  "{S:{REF:T@T:bank}}",
  "{T-CONV:/a/Upper/}",
  "{{USERNAME}}",
];

Deno.test(
  "names that KeePassXC has placeholders of come back as they are",
  { ignore },
  async () => {
    await withKeePassXC(async ({ service, open }) => {
      for (const key of PLACEHOLDERS) {
        await open(false).set(key, { data: bytes(`of ${key}`), label: `aws-vault (${key})` });
      }
      assert.deepEqual((await open(false).keys()).sort(), PLACEHOLDERS.toSorted());
      for (const key of PLACEHOLDERS) {
        assert.deepEqual(await open(false).get(key), bytes(`of ${key}`));
      }
      assert.equal(await service.crash(), undefined);
    });
  },
);

Deno.test("what is removed from KeePassXC is in its recycle bin", { ignore }, async () => {
  await withKeePassXC(async ({ service, open }) => {
    await open(false).set("work", item);
    assert.equal(await open(false).remove("work"), true);
    assert.deepEqual(await open(false).keys(), []);
    await service.lock();
    assert.deepEqual(await service.entries(), [
      "Secrets/",
      "Secrets/[empty]",
      "Recycle Bin/",
      "Recycle Bin/work",
    ]);
  });
});

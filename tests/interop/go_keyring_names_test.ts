/** The Go library under aws-vault 7 and we, over each store with a service, with 200 names that are awkward. */

import type { Keyring } from "../../src/keyring.ts";
import { openKeyring } from "../contract/row_opener.ts";
import { requireService } from "../services.ts";

import {
  GNOME_KEYRING_INSTALL,
  hasGnomeKeyring,
  startGnomeKeyring,
} from "../services/gnome_keyring.ts";
import { hasPass, makeGpgHome, PASS_INSTALL } from "../services/gpg.ts";
import {
  hasKWallet,
  hasKWallet6,
  type KWallet,
  KWALLET6_INSTALL,
  KWALLET_INSTALL,
  startKWallet,
  startKWallet6,
} from "../services/kwallet.ts";
import { NAMES, readNames, writeNames } from "./go_exchange.ts";
import { buildGoKeyring, GoKeyring, requireGoKeyring } from "./go_keyring.ts";

/** One store, which both open. */
interface Store extends AsyncDisposable {
  readonly env: Readonly<Record<string, string>>;
  readonly goFlags: readonly string[];
}

/** A store with its service. */
interface Subject {
  readonly backend: string;
  readonly name: string;
  readonly ignore: boolean;
  start(): Promise<Store>;
  /** Names that one of the two cannot have there. */
  readonly cannotHold?: RegExp;
}

const SUBJECTS: readonly Subject[] = [
  {
    backend: "pass",
    name: "pass",
    ...requireService("pass", hasPass(), PASS_INSTALL),
    // The library gives `pass` a name as it is, which would be a flag; to us they are names that are encoded.
    cannotHold: /^-|\t/,
    start: async () => {
      const home = await makeGpgHome();
      const goFlags = [`-pass-dir=${home.store}`];
      return { env: home.env, goFlags, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
    },
  },
  {
    backend: "secret-service",
    name: "gnome-keyring",
    ...requireService("gnome-keyring", hasGnomeKeyring(), GNOME_KEYRING_INSTALL),
    start: async () => {
      const service = await startGnomeKeyring();
      await service.createCollection("awsvault");
      const close = () => service[Symbol.asyncDispose]();
      return { env: service.env, goFlags: [], [Symbol.asyncDispose]: close };
    },
  },
  {
    backend: "kwallet",
    name: "kwalletd5",
    ...requireService("kwalletd5", hasKWallet(), KWALLET_INSTALL),
    start: () => openedWallet(startKWallet()),
  },
  {
    // It has the name of kwalletd5 as well, by which the library finds it.
    backend: "kwallet",
    name: "kwalletd6",
    ...requireService("kwalletd6", hasKWallet6(), KWALLET6_INSTALL),
    start: () => openedWallet(startKWallet6()),
  },
];

async function openedWallet(starting: Promise<KWallet>): Promise<Store> {
  const service = await starting;
  await service.openWallet();
  const close = () => service[Symbol.asyncDispose]();
  return { env: service.env, goFlags: [], [Symbol.asyncDispose]: close };
}

const go = requireGoKeyring();

async function withBoth(
  subject: Subject,
  body: (ours: Keyring, theirs: GoKeyring) => Promise<void>,
): Promise<void> {
  await using store = await subject.start();
  const { env } = store;
  const ours = await openKeyring({ backend: subject.backend, env });
  const goFlags = [`-backend=${subject.backend}`, ...store.goFlags];
  try {
    await body(ours, new GoKeyring(await buildGoKeyring(), goFlags, env));
  } finally {
    await ours.close();
  }
}

for (const subject of SUBJECTS) {
  const names = NAMES.filter((name) => !subject.cannotHold?.test(name));
  const options = { ignore: subject.ignore || go.ignore, sanitizeResources: false };
  Deno.test(
    `${names.length} names of the Go library in ${subject.name} are ours`,
    options,
    () => withBoth(subject, (ours, theirs) => readNames(ours, theirs, names)),
  );
  Deno.test(
    `${names.length} names of ours in ${subject.name} are the Go library's`,
    options,
    () => withBoth(subject, (ours, theirs) => writeNames(ours, theirs, names)),
  );
}

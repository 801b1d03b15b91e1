/** What varies from run to run, under names that do not. */

import { PASSPHRASE } from "../home.ts";
import type { FakeAws } from "../servers/fake_aws.ts";

/** Where a story takes place. */
export interface Place {
  readonly aws: FakeAws;
  readonly home: string;
}

/** Fills in what `story.ts` lists. */
export function fillIn(text: string, { aws, home }: Place): string {
  return text.replace(/\{(key|secret) ([^}]+)\}/g, (_, what, user) => {
    const key = aws.user(user).key;
    return what === "key" ? key.id : key.secret;
  }).replace(/\{seed ([^}]+)\}/g, (_, user) => aws.user(user).device.secret)
    .replace(/\{code ([^} ]+) ([+-]\d+)\}/g, (_, user, windows) => {
      return aws.user(user).device.codeAt(aws.world.now(), Number(windows));
    }).replace(/\{token ([^}]+)\}/g, (_, sub) => aws.webIdentityToken({ sub }))
    .replace(/\{saml ([^}]*)\}/g, (_, roles) => aws.samlAssertion({ roles: roles.split(",") }))
    .replaceAll("{url}", aws.url).replaceAll("{home}", home)
    .replaceAll("{passphrase}", PASSPHRASE);
}

/**
 * Replaces what varies: ids and secrets only where this AWS handed them out, so that `<ASIA>` in a
 * story stands for credentials that work and for nothing that merely looks like them.
 */
export function nameVarying(text: string, { aws, home }: Place): string {
  let named = text;
  for (const secret of aws.secrets()) {
    named = named.replaceAll(secret, secret.length === 40 ? "<SECRET>" : "<TOKEN>");
  }
  for (const { name, keys } of aws.world.users) {
    for (const key of keys) named = named.replaceAll(key.id, `<KEY ${name}>`);
  }
  const { clients, devices } = aws.world.identityCenter;
  for (const { id } of clients) named = named.replaceAll(id, "<CLIENT>");
  for (const { userCode } of devices) named = named.replaceAll(userCode, "<USER-CODE>");
  for (const id of aws.world.sessionIds()) named = named.replaceAll(id, "<ASIA>");
  return named.replaceAll(home, "<HOME>").replaceAll(aws.url, "<URL>")
    .replaceAll(new URL(aws.url).host, "<HOST>")
    .replace(/127\.0\.0\.1%3A\d+/g, "127.0.0.1%3A<PORT>")
    .replace(/\b(state|code_challenge)=[\w-]{43}/g, "$1=<RANDOM>")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "<TIME>")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<UUID>");
}

/** Whether lines are as expected, where `<ANY>` is any text of a line and `...` any lines. */
export function matches(actual: readonly string[], expected: readonly string[]): boolean {
  const pattern = expected.map((line) =>
    line === "..." ? "(?:.*\\n)*" : line.split("<ANY>").map(escape).join(".*") + "\\n"
  );
  return new RegExp(`^${pattern.join("")}$`).test(actual.map((line) => line + "\n").join(""));
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

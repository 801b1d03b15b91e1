import assert from "node:assert/strict";
import { ManualClock, seededRandom } from "../../tests/fakes/memory_host.ts";
import { VaultError } from "../errors.ts";
import { Grants } from "./grants.ts";

function world() {
  const clock = new ManualClock();
  return { clock, grants: new Grants({ clock, random: seededRandom() }) };
}

Deno.test("Grants gives each grant a token of 256 bits, and a name that is free", () => {
  const { clock, grants } = world();
  const made = [
    grants.make({ profiles: ["work"] }),
    grants.make({ profiles: ["work"], lifetimeSeconds: 60 }),
    grants.make({ name: "ci", profiles: ["work", "admin"] }),
  ];
  const plain = { expiration: undefined, terms: {}, policies: new Map() };
  assert.deepEqual(made.map(({ grant }) => grant), [
    { ...plain, name: "work", profiles: ["work"] },
    { ...plain, name: "work-2", profiles: ["work"], expiration: clock.now().add({ seconds: 60 }) },
    { ...plain, name: "ci", profiles: ["work", "admin"] },
  ]);
  const tokens = made.map(({ token }) => token.reveal());
  assert.equal(new Set(tokens).size, 3);
  for (const token of tokens) {
    assert.equal(Uint8Array.fromBase64(token, { alphabet: "base64url" }).length, 32);
  }
  assert.deepEqual(grants.live(), made.map(({ grant }) => grant));
});

Deno.test("Grants finds what a token stands for, as long as it serves and for a while after", () => {
  const { clock, grants } = world();
  const short = grants.make({ name: "short", profiles: ["a"], lifetimeSeconds: 60 });
  const long = grants.make({ name: "long", profiles: ["b"] });
  const state = (token: string) => grants.find(token)?.state;
  const states = () => [short, long].map(({ token }) => state(token.reveal()));
  assert.deepEqual(states(), ["live", "live"]);
  clock.advance(59_999);
  assert.deepEqual(states(), ["live", "live"]);
  clock.advance(1);
  assert.deepEqual([states(), grants.live()], [["ended", "live"], [long.grant]]);
  assert.deepEqual([grants.revoke("short"), grants.revoke("other")], [undefined, undefined]);
  assert.deepEqual([grants.revoke("long"), states()], [long.grant, ["ended", "revoked"]]);
  const token = long.token.reveal();
  const wrong = [
    "",
    token.slice(1),
    `${token}x`,
    token + token,
    token.toLowerCase(),
    "é".repeat(43),
  ];
  assert.deepEqual(wrong.map(state), wrong.map(() => undefined));
  // The name is free again; the old token is not the new one's.
  const again = grants.make({ name: "long", profiles: ["b"] });
  assert.deepEqual([state(token), state(again.token.reveal())], ["revoked", "live"]);
});

Deno.test("Grants makes no second grant of a name, nor more than a thousand", () => {
  const { grants } = world();
  const refused = (name?: string) => {
    try {
      return grants.make({ name, profiles: ["work"] }).grant.name;
    } catch (error) {
      assert(error instanceof VaultError);
      return error.message;
    }
  };
  assert.equal(refused("ci"), "ci");
  assert.equal(refused("ci"), 'Cannot create grant "ci": there is already one of that name');
  for (let made = 1; made < 1000; made++) grants.make({ name: `g${made}`, profiles: ["work"] });
  assert.equal(refused(), "Cannot create a grant: there are already 1000");
  grants.revoke("ci");
  assert.equal(refused(), "work");
});

Deno.test("Grants remembers a hundred that are over, and not every one forever", () => {
  const { grants } = world();
  const tokens = Array.from({ length: 150 }, (_, i) => {
    const { token } = grants.make({ name: `g${i}`, profiles: ["work"] });
    grants.revoke(`g${i}`);
    return token.reveal();
  });
  grants.make({ profiles: ["work"] });
  assert.equal(tokens.filter((token) => grants.find(token) !== undefined).length, 100);
  assert.deepEqual(grants.live().map(({ name }) => name), ["work"]);
});

/** The record of uses: one whole line for each handing out, whatever happens to the processes. */

import assert from "node:assert/strict";
import { VaultError } from "../../src/errors.ts";
import { Home, NOT_ON_WINDOWS } from "../home.ts";

const RECORD = ".awsvault/state/uses.jsonl";
const ROLE = "arn:aws:iam::111122223333:role/admin";

/** A home with a key and a role, and no agent of the person's who runs the tests. */
async function openHome(): Promise<Home> {
  const home = await Home.open({ roles: [{ name: "admin" }] });
  home.write(
    ".aws/config",
    `[profile work]\n[profile admin]\nsource_profile = work\nrole_arn = ${ROLE}\n`,
  );
  await home.as("work").succeed("add", "--env", "work");
  delete home.env["AWS_ACCESS_KEY_ID"];
  delete home.env["AWS_SECRET_ACCESS_KEY"];
  return home;
}

function lines(home: Home): Record<string, unknown>[] {
  const text = home.read(RECORD) ?? "";
  assert(text === "" || text.endsWith("\n"));
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

Deno.test(
  "each handing out is a line that says who had what, and never a secret",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await openHome();
    const first = JSON.parse((await home.succeed("export", "--format=json", "admin")).stdout);
    await home.start(["exec", "admin", "--", "sh", "-c", "true # secret words"]).finished;
    await home.start(["exec", "--log-arguments", "work", "--", "true", "x"], { CLAUDECODE: "1" })
      .finished;
    await home.succeed("export", "--no-session", "work");
    const seen = lines(home).map(
      ({ time: _, expiration: __, program: ___, pid: ____, uid, ...use }) => {
        assert.equal(uid, String(Deno.uid()));
        return use;
      },
    );
    const key = home.aws.user("work").key.id;
    const work = lines(home)[2]!["accessKeyId"];
    assert.deepEqual(seen, [
      {
        profile: "admin",
        account: "111122223333",
        role: ROLE,
        accessKeyId: first.AccessKeyId,
        how: "AssumeRole",
        by: "export",
      },
      {
        profile: "admin",
        account: "111122223333",
        role: ROLE,
        accessKeyId: first.AccessKeyId,
        how: "cached",
        by: "exec",
        command: ["sh"],
      },
      {
        profile: "work",
        accessKeyId: work,
        how: "GetSessionToken",
        by: "exec",
        command: ["true", "x"],
        agent: "claude",
      },
      { profile: "work", accessKeyId: key, how: "stored", by: "export" },
    ]);
    assert.equal(Deno.statSync(`${home.path}/${RECORD}`).mode! & 0o777, 0o600);
    for (const secret of home.aws.secrets()) assert(!home.read(RECORD)!.includes(secret));
  },
);

/** A use whose words are none, as somebody may have written it. */
const ODD = JSON.stringify({
  time: "x",
  profile: "odd",
  accessKeyId: "y",
  how: "z",
  command: "sh",
});

Deno.test("log finds who had a key, and what is new", NOT_ON_WINDOWS, async () => {
  await using home = await openHome();
  assert.equal((await home.run("log")).code, 3);
  const { AccessKeyId: id } = JSON.parse(
    (await home.succeed("export", "--format=json", "admin")).stdout,
  );
  await home.succeed("export", "work");
  // What a killed process left, and what is not a use.
  const half = '{"time":"2026-11-26T00:00:00Z","profile":"wo';
  home.write(RECORD, `${half}${home.read(RECORD)}{"time":"2026\n[]\n{}\n${ODD}\n`);
  const { stdout } = await home.succeed("log", "--key", id);
  assert.match(stdout, new RegExp(`^Time .*\n=.*\n\\S+ +admin +${id} +AssumeRole +export`));
  assert.equal(stdout.split("\n").length, 4);
  const json = (await home.succeed("log", "--json", "--profile", "work")).stdout.trim().split("\n");
  assert.deepEqual(json.map((line) => JSON.parse(line).profile), ["work"]);
  assert.equal((await home.runOn((host) => host, "log", "--since", "1d")).code, 0);
  home.clockOffsetMs = 3 * 24 * 3_600_000;
  assert.equal((await home.runOn((host) => host, "log", "--since", "2d")).code, 3);
  assert.equal((await home.runOn((host) => host, "log", "--since", "1w")).code, 0);
  assert.equal((await home.runOn((host) => host, "log", "--since", "soon")).code, 2);
});

Deno.test("log --follow prints what is added", NOT_ON_WINDOWS, async () => {
  await using home = await openHome();
  await home.succeed("export", "work");
  let pauses = 0;
  const sleep = async () => {
    if (++pauses > 2) throw new VaultError("interrupted", "Interrupted");
    await home.succeed("export", "admin");
  };
  const { code, stdout } = await home.runOn(
    (host) => ({ ...host, clock: { ...host.clock, sleep } }),
    ...["log", "--follow", "--json"],
  );
  assert.equal(code, 130);
  const profiles = stdout.trim().split("\n").map((line) => JSON.parse(line).profile);
  assert.deepEqual(profiles, ["work", "admin", "admin"]);
});

Deno.test(
  "log --follow misses no use where the record is set aside in the meantime",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await openHome();
    await home.succeed("export", "work");
    let pauses = 0;
    const sleep = async () => {
      if (++pauses > 2) throw new VaultError("interrupted", "Interrupted");
      if (pauses === 2) return;
      await home.succeed("export", "admin");
      home.write(RECORD, `${home.read(RECORD)}${" ".repeat(10_000_000)}\n${ODD}\n`);
      await home.succeed("export", "work");
      await home.succeed("export", "admin");
    };
    const { stdout } = await home.runOn(
      (host) => ({ ...host, clock: { ...host.clock, sleep } }),
      ...["log", "--follow", "--json"],
    );
    assert.equal(lines(home).length, 2);
    const profiles = stdout.trim().split("\n").map((line) => JSON.parse(line).profile);
    assert.deepEqual(profiles, ["work", "admin", "odd", "work", "admin"]);
  },
);

Deno.test(
  "log reads all that is whole wherever a process is killed in mid-line",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await openHome();
    await home.succeed("export", "work");
    const line = home.read(RECORD)!.trimEnd();
    for (const end of [0, 1, 8, 9, 10, line.length - 1, line.length]) {
      const half = line.slice(0, end);
      home.write(RECORD, `${half}${half}${half}${line}\n${line}\n`);
      const { stdout } = await home.succeed("log", "--json");
      const read = stdout.trimEnd().split("\n");
      assert.deepEqual(read, Array(end === line.length ? 5 : 2).fill(line), String(end));
      home.write(RECORD, `${line}\n${half}`);
      const whole = (await home.succeed("log", "--json")).stdout.trimEnd().split("\n");
      assert.equal(whole.length, end === line.length ? 2 : 1);
    }
  },
);

Deno.test("50 processes write 50 whole lines", NOT_ON_WINDOWS, async () => {
  await using home = await openHome();
  await home.succeed("export", "work");
  const runs = Array.from({ length: 50 }, () => home.start(["export", "work"]).finished);
  for (const { code, stderr } of await Promise.all(runs)) assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(lines(home).length, 51);
});

Deno.test(
  "no use is lost where processes begin the record or set it aside at once",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await openHome();
    await home.succeed("export", "work");
    for (const before of [undefined, `${JSON.stringify({ n: 1 })}\n`.padStart(10_000_001, " ")]) {
      for (const name of ["", ".1"]) {
        await Deno.remove(`${home.path}/${RECORD}${name}`).catch(() => {});
      }
      if (before !== undefined) home.write(RECORD, before);
      const runs = Array.from({ length: 24 }, () => home.start(["export", "work"]).finished);
      for (const { code, stderr } of await Promise.all(runs)) {
        assert.deepEqual([code, stderr], [0, ""]);
      }
      const aside = (home.read(`${RECORD}.1`) ?? "").split("\n").filter((line) =>
        /"time"/.test(line)
      );
      assert.equal(aside.length + lines(home).length, 24);
    }
  },
);

Deno.test(
  "a full record is set aside, five are kept, and a record that cannot be written costs a warning",
  NOT_ON_WINDOWS,
  async () => {
    await using home = await openHome();
    await home.succeed("export", "work");
    for (let i = 1; i <= 7; i++) {
      home.write(RECORD, `${JSON.stringify({ n: i })}\n`.padEnd(10_000_001, " "));
      await home.succeed("export", "work");
      assert.equal(lines(home).length, 1);
    }
    const kept = [1, 2, 3, 4, 5, 6].map((i) => home.read(`${RECORD}.${i}`)?.slice(0, 8));
    assert.deepEqual(kept, [
      '{"n":7}\n',
      '{"n":6}\n',
      '{"n":5}\n',
      '{"n":4}\n',
      '{"n":3}\n',
      undefined,
    ]);
    await Deno.remove(`${home.path}/${RECORD}`);
    await Deno.mkdir(`${home.path}/${RECORD}`);
    const { code, stderr } = await home.run("export", "work");
    assert.deepEqual([code, stderr.replaceAll(home.path, "~")], [
      0,
      `warning: This use is not recorded: "~/${RECORD}" is not a plain file\n`,
    ]);
    home.env["AWS_VAULT_LOG"] = "off";
    assert.equal((await home.run("export", "work")).stderr, "");
  },
);

Deno.test("log says what it cannot read, and shows the rest", NOT_ON_WINDOWS, async () => {
  await using home = await openHome();
  const file = `${home.path}/${RECORD}`;
  await home.succeed("export", "work");
  const use = home.read(RECORD)!;
  await Deno.remove(file);
  await Deno.mkdir(file);
  const refusal = `Cannot read ${JSON.stringify(file)}: it is a folder`;
  assert.deepEqual(await home.run("log"), { code: 1, stdout: "", stderr: `error: ${refusal}\n` });
  await Deno.writeTextFile(`${file}.1`, use);
  const { code, stdout, stderr } = await home.run("log", "--json");
  assert.deepEqual({ code, stdout, stderr }, {
    code: 0,
    stdout: use,
    stderr: `warning: ${refusal}\n`,
  });
});

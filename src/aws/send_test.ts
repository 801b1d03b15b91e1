import assert from "node:assert/strict";
import { ManualClock, TalkRecorder } from "../../tests/fakes/memory_host.ts";
import { type ScriptedAnswer, ScriptedHttp } from "../../tests/fakes/scripted_http.ts";
import { AwsError, VaultError } from "../errors.ts";
import { HttpFailure } from "../http.ts";
import { Secret } from "../secret.ts";
import type { Endpoint } from "./endpoint.ts";
import { mayHaveActed } from "./network_error.ts";
import { callQuery } from "./query.ts";
import type { Retry } from "./send.ts";

const ENDPOINT: Endpoint = {
  url: "https://sts.example.com/",
  signingRegion: "us-east-1",
  signingService: "sts",
  isLegacyGlobal: false,
};
const KEY = { accessKeyId: "AKIAEXAMPLE", secretAccessKey: new Secret("secret") };

const DONE = {
  body: "<ThingResponse><ThingResult><Name>n</Name></ThingResult></ThingResponse>",
};
const HTML = { status: 503, body: "<html><body><h1>Service Unavailable</h1></body></html>" };
const EMPTY = { status: 200, body: "" };
const HALF = { status: 200, body: "<ThingResponse><ThingResult><Na" };
const THROTTLED = refusal(400, "Throttling", "Rate exceeded");
const BROKEN = refusal(500, "InternalFailure", "");
const DENIED = refusal(403, "AccessDenied", "User: u is not authorized");

function refusal(status: number, code: string, message: string, headers = {}) {
  return {
    status,
    headers,
    body:
      `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message>` +
      `</Error><RequestId>r-1</RequestId></ErrorResponse>`,
  };
}

function failure(kind: HttpFailure["kind"]): HttpFailure {
  return new HttpFailure(kind, `it was ${kind}`);
}

/** What came of one call against a script: the result or error, and what was done on the way. */
async function outcomeOf(retry: Retry, ...script: ScriptedAnswer[]) {
  using http = new ScriptedHttp(...script);
  const clock = new ManualClock({ jumpsOverSleeps: true });
  const talk = new TalkRecorder();
  const calling = callQuery({ http, clock, talk, random: { fraction: () => 0.5, bytes } }, {
    action: "Thing",
    version: "2020-01-01",
    params: {},
    subject: 'role "r"',
    endpoint: ENDPOINT,
    credentials: KEY,
    retry,
  });
  const ended = await calling.then((result) => result.text("Name"), (error) => error);
  const dates = http.requests.map((request) => request.headers["x-amz-date"]);
  return { ended, tries: http.requests.length, sleeps: clock.sleeps, said: talk.said, dates };
}

function bytes(): never {
  throw new Error("No random bytes are needed");
}

const SURVIVED: Readonly<Record<string, ScriptedAnswer>> = {
  "a throttle": THROTTLED,
  "an internal failure": BROKEN,
  "a web page": HTML,
  "an empty answer": EMPTY,
  "half a document": HALF,
  "a request that was not sent": failure("unsent"),
  "no answer": failure("unanswered"),
  "an answer that was cut": failure("cut"),
  "a time-out": failure("timeout"),
};

for (const [what, answer] of Object.entries(SURVIVED)) {
  Deno.test(`sendCall() survives ${what}`, async () => {
    const { ended, tries } = await outcomeOf("always", answer, DONE);
    assert.deepEqual([ended, tries], ["n", 2]);
  });
}

for (const [what, answer] of Object.entries(SURVIVED)) {
  const safe = ["a throttle", "a request that was not sent"].includes(what);
  Deno.test(`sendCall() ${safe ? "repeats" : "does not repeat"} a call that makes something, after ${what}`, async () => {
    const script = safe ? [answer, DONE] : [answer];
    const { ended, tries } = await outcomeOf("only-if-unprocessed", ...script);
    assert.equal(tries, script.length);
    if (!safe) assert.equal(mayHaveActed(ended), true);
  });
}

Deno.test("sendCall() waits longer after a throttle, longer each time, and tries three times", async () => {
  const throttled = await outcomeOf("always", THROTTLED, THROTTLED, THROTTLED);
  assert.deepEqual([throttled.tries, throttled.sleeps], [3, [500, 1000]]);
  assert.equal(mayHaveActed(throttled.ended), false);
  const broken = await outcomeOf("always", BROKEN, HTML, failure("cut"));
  assert.deepEqual([broken.tries, broken.sleeps], [3, [125, 250]]);
  assert.equal(mayHaveActed(broken.ended), true);
});

Deno.test("sendCall() waits as long as the answer asks for, up to 20 s", async () => {
  const asked = (value: string) => ({ ...THROTTLED, headers: { "retry-after": value } });
  const { tries, sleeps } = await outcomeOf("always", asked("3"), asked("3600"), DONE);
  assert.deepEqual([tries, sleeps], [3, [3500, 21_000]]);
  const odd = await outcomeOf("always", asked("Wed, 21 Oct 2026 07:28:00 GMT"), asked("-1"), DONE);
  assert.deepEqual(odd.sleeps, [500, 1000]);
});

Deno.test("sendCall() remembers a lost answer when later tries do not get through", async () => {
  const { ended } = await outcomeOf(
    "always",
    failure("timeout"),
    failure("unsent"),
    failure("unsent"),
  );
  assert.equal(mayHaveActed(ended), true);
  const never = await outcomeOf("always", ...Array.from({ length: 3 }, () => failure("unsent")));
  assert.equal(mayHaveActed(never.ended), false);
});

Deno.test("sendCall() reads a refusal as moto writes it", async () => {
  const body = '<?xml version="1.0" encoding="utf-8"?>\n<ErrorResponse><Errors><Error>' +
    "<Code>AccessDenied</Code><Message>no</Message></Error></Errors></ErrorResponse>";
  const { ended } = await outcomeOf("always", { status: 403, body });
  assert.match(String(ended), /AccessDenied: no/);
});

Deno.test("sendCall() gives a refusal in AWS's words, once", async () => {
  const { ended, tries } = await outcomeOf(
    "always",
    refusal(403, "AccessDenied", "User: u\n\u009b31m is not &lt;authorized&gt;"),
  );
  assert(ended instanceof AwsError);
  assert.equal(tries, 1);
  assert.deepEqual(
    [ended.message, ended.code, ended.awsCode, ended.status, ended.requestId],
    [
      'AWS refused Thing for role "r": AccessDenied: User: u\n\u009b31m is not <authorized> (request id r-1)',
      "aws-refused",
      "AccessDenied",
      403,
      "r-1",
    ],
  );
});

for (
  const [script, message] of [
    [
      [failure("untrusted")],
      'Cannot trust sts.example.com for Thing for role "r": it was untrusted',
    ],
    [
      [HTML, HTML, HTML],
      'Cannot read the answer of sts.example.com to Thing for role "r": status 503, a web page instead of AWS\'s answer',
    ],
    [
      [failure("unsent"), failure("unsent"), failure("unsent")],
      'Cannot reach sts.example.com for Thing for role "r": it was unsent',
    ],
  ] as const
) {
  Deno.test(`sendCall() fails with: ${message}`, async () => {
    const { ended } = await outcomeOf("always", ...script);
    assert(ended instanceof VaultError);
    assert.deepEqual([ended.code, ended.message], ["network", message]);
    assert.notEqual(ended.hints.length, 0);
  });
}

Deno.test("sendCall() shows the beginning of a long message", async () => {
  const { ended } = await outcomeOf("always", refusal(403, "AccessDenied", "é".repeat(5000)));
  assert(ended instanceof AwsError);
  const beginning = "é".repeat(1000);
  const message = `AWS refused Thing for role "r": AccessDenied: ${beginning}… (request id r-1)`;
  assert.deepEqual([ended.message, ended.awsMessage.length], [message, 5000]);
});

Deno.test("sendCall() says that the clock is wrong, and signs with AWS's time", async () => {
  const headers = { date: "Sun, 01 Mar 2026 12:12:00 GMT" };
  const skewed = refusal(403, "SignatureDoesNotMatch", "Signature expired", headers);
  const { ended, dates, said, sleeps } = await outcomeOf("only-if-unprocessed", skewed, DONE);
  assert.deepEqual([ended, dates, said, sleeps], [
    "n",
    ["20260301T120000Z", "20260301T121200Z"],
    [
      "warning: This machine's clock is 12 minutes behind AWS's: requests are signed with AWS's " +
      "time for now; set the clock",
    ],
    [],
  ]);
});

Deno.test("sendCall() corrects the clock once", async () => {
  const headers = { date: "Sun, 01 Mar 2026 09:00:00 GMT" };
  const skewed = refusal(403, "RequestTimeTooSkewed", "no", headers);
  const { ended, tries } = await outcomeOf("always", skewed, skewed);
  assert(ended instanceof AwsError);
  assert.equal(tries, 2);
});

for (
  const [why, answer] of [
    [
      "the clocks agree to 4 minutes",
      refusal(403, "SignatureDoesNotMatch", "", {
        date: "Sun, 01 Mar 2026 12:04:00 GMT",
      }),
    ],
    [
      "the answer's date is over a day away",
      refusal(403, "SignatureDoesNotMatch", "", { date: "Mon, 02 Mar 2026 12:00:01 GMT" }),
    ],
    ["the answer has no date", refusal(403, "SignatureDoesNotMatch", "")],
    ["the refusal has another reason", {
      ...DENIED,
      headers: { date: "Sun, 01 Mar 2026 09:00:00 GMT" },
    }],
  ] as const
) {
  Deno.test(`sendCall() leaves the clock alone when ${why}`, async () => {
    const { tries, said } = await outcomeOf("always", answer);
    assert.deepEqual([tries, said], [1, []]);
  });
}

Deno.test("sendCall() hints at a clock that is over a day away, and does not follow it", async () => {
  const far = { date: "Mon, 02 Mar 2027 12:00:00 GMT" };
  for (const code of ["SignatureDoesNotMatch", "IncompleteSignature"]) {
    const { ended } = await outcomeOf("always", refusal(403, code, "", far));
    assert(ended instanceof AwsError);
    assert.equal(
      ended.hints[0],
      "The answer's date is more than a day off this machine's clock: set the clock",
    );
  }
});

Deno.test("sendCall() hints at the clock where a certificate is not trusted", async () => {
  const { ended } = await outcomeOf("always", failure("untrusted"));
  assert(ended instanceof VaultError);
  assert.equal(
    ended.hints.at(-1),
    "A clock that is wrong makes every certificate look expired: check this machine's date",
  );
});

Deno.test("sendCall() shares a corrected clock with the next call, and says it once", async () => {
  const headers = { date: "Sun, 01 Mar 2026 11:00:00 GMT" };
  using http = new ScriptedHttp(refusal(403, "RequestExpired", "", headers), DONE, DONE);
  const talk = new TalkRecorder();
  const deps = {
    http,
    talk,
    clock: new ManualClock(),
    random: { fraction: () => 0, bytes },
    skew: { offsetMs: 0 },
  };
  const call = {
    action: "Thing",
    version: "1",
    params: {},
    endpoint: ENDPOINT,
    credentials: KEY,
    retry: "always",
  } as const;
  await callQuery(deps, call);
  await callQuery(deps, call);
  // Another part of the command, which has not heard of it: the warning would have other minutes.
  const later = { date: "Sun, 01 Mar 2026 11:02:00 GMT" };
  using other = new ScriptedHttp(refusal(403, "RequestExpired", "", later), DONE);
  await callQuery({ ...deps, http: other, skew: { offsetMs: 0 } }, call);
  assert.deepEqual(http.requests.map((request) => request.headers["x-amz-date"]), [
    "20260301T120000Z",
    "20260301T110000Z",
    "20260301T110000Z",
  ]);
  assert.equal(talk.said.length, 1);
});

Deno.test("sendCall() shows no secret under --debug", async () => {
  using http = new ScriptedHttp(HTML, DENIED);
  const talk = new TalkRecorder();
  const clock = new ManualClock({ jumpsOverSleeps: true });
  await assert.rejects(callQuery({ http, talk, clock, random: { fraction: () => 0, bytes } }, {
    action: "Thing",
    version: "1",
    params: { TokenCode: "123456" },
    endpoint: ENDPOINT,
    credentials: KEY,
    retry: "always",
  }));
  assert.deepEqual(talk.lines, [
    "debug: Thing at sts.example.com, try 1: 503, a web page instead of AWS's answer",
    "debug: Thing at sts.example.com, try 2: 403 AccessDenied",
  ]);
});

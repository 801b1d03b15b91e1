import assert from "node:assert/strict";
import { seededRandom } from "../../tests/fakes/memory_host.ts";
import { RedirectOnce } from "../browser/redirect_once.ts";
import { Secret } from "../secret.ts";
import { Callback } from "./callback.ts";

const HOST = "127.0.0.1:4321";
const STATE = "the-right-state";
const GOAL = "https://oidc.us-east-1.amazonaws.com/authorize?state=x";

function open() {
  const start = new RedirectOnce(seededRandom(), GOAL);
  const callback = new Callback(new Secret(STATE), start);
  const get = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    callback.handle(
      new Request(`http://${HOST}${path}`, { method, headers: { host: HOST, ...headers } }),
      HOST,
    );
  return { start, callback, get };
}

async function titleOf(response: Response): Promise<string> {
  return /<h1>(.*)<\/h1>/.exec(await response.text())?.[1] ?? "";
}

Deno.test("Callback takes the first answer with the right state, and no other", async () => {
  const { callback, get } = open();
  const wrong = await get(`/oauth/callback?state=wrong&code=evil`);
  assert.deepEqual([wrong.status, await titleOf(wrong)], [
    400,
    "This answer belongs to another sign-in",
  ]);
  const none = await get("/oauth/callback?code=evil");
  assert.equal(none.status, 400);
  const twice = await get(`/oauth/callback?state=${STATE}&state=${STATE}&code=evil`);
  assert.equal(twice.status, 400);
  const right = get(`/oauth/callback?state=${STATE}&code=good`);
  const answer = await callback.answer;
  assert.equal(answer.kind === "code" && answer.code.reveal(), "good");
  const second = await get(`/oauth/callback?state=${STATE}&code=other`);
  assert.equal(await titleOf(second), "This sign-in is over");
  callback.finish("signed-in");
  assert.equal(await titleOf(await right), "You are signed in");
});

Deno.test("Callback shows nothing that came with a request, and lets the page load nothing", async () => {
  const { callback, get } = open();
  const answering = get(
    `/oauth/callback?state=${STATE}&error=access_denied&error_description=<script>alert(1)</script>`,
  );
  assert.deepEqual(await callback.answer, {
    kind: "error",
    error: "access_denied",
    description: "<script>alert(1)</script>",
  });
  callback.finish("refused");
  const response = await answering;
  const { headers } = response;
  const page = await response.text();
  assert(!page.includes("alert"), page);
  assert.match(page, /<h1>The sign-in was refused<\/h1>/);
  assert.match(
    headers.get("content-security-policy")!,
    /^default-src 'none'; style-src 'sha256-[\w+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  assert.deepEqual(
    ["cache-control", "referrer-policy", "x-content-type-options"].map((name) => headers.get(name)),
    ["no-store", "no-referrer", "nosniff"],
  );
  assert(!/(?:src|href|url)\s*[=(]/.test(page), page);
});

Deno.test("Callback answers under its own address, to GET, on its own paths only", async () => {
  const { get } = open();
  const path = `/oauth/callback?state=${STATE}&code=good`;
  const statuses = await Promise.all([
    get(path, { host: "evil.example:4321" }),
    get(path, { host: "localhost:4321" }),
    get(path, {}, "POST"),
    get(`/other?state=${STATE}&code=good`),
    get("/favicon.ico"),
  ]);
  assert.deepEqual(statuses.map(({ status }) => status), [403, 403, 405, 404, 404]);
});

Deno.test("Callback leads to the sign-in page once", async () => {
  const { start, get } = open();
  const first = await get(start.path);
  assert.deepEqual([first.status, first.headers.get("location")], [302, GOAL]);
  const second = await get(start.path);
  assert.deepEqual([second.status, await titleOf(second)], [410, "This page works only once"]);
});

import type { Host } from "../host.ts";
import type { Secret } from "../secret.ts";
import type { Talk } from "../talk.ts";
import type { BrowserChoice } from "./choose_browser.ts";
import { openPage } from "./open_page.ts";
import { RedirectOnce } from "./redirect_once.ts";

/** The parts of the host that showing a page needs. */
export type ShowDeps =
  & Pick<Host, "env" | "programsApart" | "servers" | "clock" | "random">
  & { readonly talk: Talk };

/** A browser takes seconds to open a page; one that is being updated takes longer. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Shows a secret address in a browser, and returns whether a browser requested it within a minute.
 *
 * The browser is started with an address of this machine that redirects once to the secret one: every user
 * can read its command line. `addressOf` turns that local address into one that opens in a container.
 */
export async function showOnce(
  deps: ShowDeps,
  choice: Extract<BrowserChoice, { kind: "open" }>,
  address: Secret,
  addressOf: (page: string) => string = (page) => page,
): Promise<boolean> {
  const once = new RedirectOnce(deps.random, address.reveal());
  const shown = Promise.withResolvers<boolean>();
  const listener = deps.servers.listen(0, (request) => {
    const isOurs = request.method === "GET" && request.headers.get("host") === listener.host;
    const answer = isOurs ? once.answer(new URL(request.url)) : undefined;
    if (answer !== undefined) shown.resolve(true);
    return Promise.resolve(answer ?? new Response(null, { status: 404 }));
  });
  const end = new AbortController();
  const late = deps.clock.sleep(LONGEST_WAIT_MS, end.signal).then(() => false, () => false);
  void openPage(deps, choice, addressOf(`http://${listener.host}${once.path}`));
  try {
    return await Promise.race([shown.promise, late]);
  } finally {
    end.abort();
    await listener.finish();
  }
}

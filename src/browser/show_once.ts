import type { Host } from "../host.ts";
import type { Secret } from "../secret.ts";
import type { Talk } from "../talk.ts";
import type { BrowserChoice } from "./choose_browser.ts";
import { openPage } from "./open_page.ts";
import { RedirectOnce } from "./redirect_once.ts";

/** What showing a page needs. */
export type ShowDeps =
  & Pick<Host, "env" | "programsApart" | "servers" | "clock" | "random">
  & { readonly talk: Talk };

/** A browser that is asked to open takes seconds; one that is being updated, more. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Shows an address that is itself a secret in a browser, and says whether one came for it within a minute.
 *
 * The browser is started with an address of this machine that leads there once: its command line can be
 * read by every user. `addressOf` makes of that what opens it in a container.
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

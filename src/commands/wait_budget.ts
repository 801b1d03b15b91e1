import { WaitBudget } from "../lock.ts";
import type { Invocation } from "./context.ts";

/** How long a command may wait for others: `--wait`, in seconds, else the default. */
export function waitBudget({ flags }: Invocation): WaitBudget {
  return new WaitBudget(flags.wait === undefined ? undefined : flags.wait * 1000);
}

import type { Explained } from "./manual_environment.ts";

/** A paragraph, a list of terms, or lines to type literally. */
export type TopicPart =
  | string
  | { readonly kind: "terms"; readonly rows: readonly Explained[] }
  | { readonly kind: "lines"; readonly lines: readonly string[] };

/** A topic of `help NAME`. */
export interface HelpTopic {
  readonly name: string;
  /** The first sentence, also shown by completion. */
  readonly brief: string;
  readonly parts: readonly TopicPart[];
  /** Its section title in the manual page; absent if the page already has the same tables. */
  readonly title?: string;
}

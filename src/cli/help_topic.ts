import type { Explained } from "./manual_environment.ts";

/** A paragraph, a list of terms, or lines to type as they are. */
export type TopicPart =
  | string
  | { readonly kind: "terms"; readonly rows: readonly Explained[] }
  | { readonly kind: "lines"; readonly lines: readonly string[] };

/** What `help NAME` explains. */
export interface HelpTopic {
  readonly name: string;
  /** The first sentence, and what completion shows. */
  readonly brief: string;
  readonly parts: readonly TopicPart[];
  /** Of its section in the manual page; absent where the page has one of the same tables. */
  readonly title?: string;
}

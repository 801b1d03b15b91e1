/** Makes up config files with the whole range of the syntax, and beyond it. */

/** Numbers in [0, 1) that follow from a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A made-up file. */
export interface MadeFile {
  readonly text: string;
  /** It may have inline comments; then no header and no key has a comment sign after white space. */
  readonly inline: boolean;
}

const NAMES = [
  "a",
  "b",
  "work",
  "prod-1",
  "x.y",
  "default",
  "__proto__",
  "é",
  "a]b",
  "constructor",
];
const ODD_HEADERS = [
  ..."profile|default|DEFAULT|preview|profile a b|profile 'open|sso-session|services s|plugins"
    .split("|"),
  ...[
    'profile "x y"',
    "profile 'x y'",
    "profile x\\ y",
    'profile "a\\"b"',
    'profile "a\\n"',
    'profile ""',
  ],
  ...[
    "profilez a",
    " profile a",
    "profile a ",
    "profile\ta",
    "profile  a",
    "profile 'a'\"b\"c",
    '"profile" a',
  ],
  ...[
    "profile a\\",
    "Profile a",
    "DEFAULT ",
    "default ",
    "[profile a",
    "profile\u00a0a",
    "__proto__",
  ],
];
const COMMENT_HEADERS = ['profile "a #1"', "profile #a", "profile a ; b"];
const KEYS = [
  ...["region", "Region", "REGION", "output", "role_arn", "s3", "sts", "__proto__", "endpoint_url"],
  ...["a b", "[x", "x[0]", "ÀÉ", "İ", "key.with.dots", "toString", "\ufeffkey", "'q'"],
];
const WORDS = [
  ...[
    "us-east-1",
    "a",
    "=",
    ":",
    "x=y",
    "[z]",
    "https://a.b/start#/",
    "50%",
    "%(region)s",
    '"q s"',
    "'",
  ],
  ...[
    "a#b",
    "c;d",
    "\\",
    "é",
    "😀",
    "\u2028",
    "\u0085",
    "\u000b",
    "\u001c",
    "\u00a0",
    "\ufeff",
    "[",
    "]",
  ],
];
const SOUP = [
  ...[
    "[",
    "]",
    "=",
    ":",
    " ",
    "  ",
    "\t",
    "#",
    ";",
    '"',
    "'",
    "\\",
    "a",
    "b",
    "profile",
    "profile ",
    "default",
  ],
  ...[
    "[profile a]",
    "[default]",
    "a = b",
    "s3 =",
    "  x = y",
    "\u000c",
    "\u001f",
    "\u3000",
    "\ufeff",
    "é",
  ],
];

// deno-lint-ignore no-control-regex -- these are white space to Python
const INDENTED_COMMENT = /^[\s\u001c-\u001f\u0085]*[#;]/;
// deno-lint-ignore no-control-regex -- these are white space to Python
const COMMENT_SIGN = /([\s\u001c-\u001f\u0085])[#;]/g;

/** Makes a file: mostly of sections and settings with odd details, sometimes of symbols at random. */
export function makeFile(random: () => number): MadeFile {
  const maker = new Maker(random);
  return maker.chance(0.1) ? maker.soup() : maker.file();
}

class Maker {
  readonly #random: () => number;
  #inline = false;

  constructor(random: () => number) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  soup(): MadeFile {
    const lines = this.#times(12, () => {
      const line = this.#times(6, () => this.#pick(SOUP)).join("");
      return INDENTED_COMMENT.test(line) ? line : line.replace(COMMENT_SIGN, "$1x");
    });
    const start = this.chance(0.7) ? "[profile soup]\n" : "";
    return { text: start + lines.join(this.#pick(["\n", "\n", "\r\n", "\r"])), inline: false };
  }

  file(): MadeFile {
    this.#inline = this.chance(0.5);
    const newline = this.#pick(["\n", "\n", "\n", "\r\n", "\r\n", "\r"]);
    const lines = [
      ...this.#fillers(),
      ...(this.chance(0.02) ? ["stray = 1"] : []),
      ...this.#times(6, () => this.#section()).flat(),
    ];
    const mark = this.chance(0.1) ? "\ufeff" : "";
    const end = this.chance(0.7) ? newline : "";
    return { text: mark + lines.join(newline) + end, inline: this.#inline };
  }

  #section(): string[] {
    const entryIndent = this.chance(0.15) ? this.#indent() : "";
    return [
      this.#headerLine(),
      ...this.#times(6, () => [...this.#fillers(), ...this.#entry(entryIndent)]).flat(),
      ...this.#fillers(),
    ];
  }

  #headerLine(): string {
    // Indented, it could continue a value, and would be one with a comment.
    if (!this.#inline && this.chance(0.1)) return `[${this.#pick(COMMENT_HEADERS)}]`;
    const indent = this.chance(0.1) ? this.#indent() : "";
    const after = this.chance(0.1) ? this.#pick([" ", "x", " = 1"]) : this.#comment();
    return `${indent}[${this.#header()}]${after}`;
  }

  #header(): string {
    if (this.chance(0.03)) return "DEFAULT";
    if (this.chance(0.3)) return this.#pick(ODD_HEADERS);
    const kind = this.#pick(["profile", "profile", "profile", "sso-session", "services"]);
    return this.chance(0.1) ? `${kind} "${this.#pick(NAMES)}"` : `${kind} ${this.#pick(NAMES)}`;
  }

  #entry(indent: string): string[] {
    if (this.chance(0.003)) {
      return [indent + this.#pick(["nonsense", "= no key", "[]", "[", "aws"])];
    }
    const sign = this.#pick(["=", " = ", " = ", " = ", ":", " : ", "\t=\t", " =", "= "]);
    const isNested = this.chance(0.15);
    const value = isNested || this.chance(0.05) ? "" : this.#value();
    const more = isNested ? this.#times(3, () => this.#nestedLine()) : this.#continuation();
    // A comment with a "]" would make a header of a key that begins with "[".
    const key = this.#pick(this.#inline ? KEYS.filter((key) => !key.startsWith("[")) : KEYS);
    return [
      indent + key + sign + value + this.#comment(),
      ...more.map((l) => indent + l),
    ];
  }

  #nestedLine(): string {
    if (this.chance(0.01)) return "  no sign";
    if (this.chance(0.1)) return this.#fillers()[0] ?? "";
    const sign = this.#pick([" = ", "=", " ="]);
    return this.#indent() + this.#pick(KEYS) + sign + this.#value() + this.#comment();
  }

  #continuation(): string[] {
    if (!this.chance(0.1)) return [];
    return this.#times(
      3,
      () => this.chance(0.3) ? this.#fillers() : [this.#indent() + this.#value() + this.#comment()],
    ).flat();
  }

  #value(): string {
    const words = [this.#pick(WORDS), ...this.#times(2, () => this.#pick(WORDS))];
    return words.join(this.#pick([" ", "", "  "]));
  }

  #comment(): string {
    if (!this.#inline || !this.chance(0.2)) return "";
    return this.#pick([" # note", "\t; note", " #", "  ;x = y", "\u00a0#z", " # [profile q]"]);
  }

  #fillers(): string[] {
    if (!this.chance(0.25)) return [];
    return this.#times(
      2,
      () => this.#pick(["", "", "  ", "# note", "  ; note", "\t#x = y", "#[profile z]"]),
    );
  }

  #indent(): string {
    return this.#pick([" ", "  ", "    ", "\t", "\u3000", " \t"]);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  #times<T>(most: number, make: () => T): T[] {
    return Array.from({ length: Math.floor(this.#random() * (most + 1)) }, make);
  }
}

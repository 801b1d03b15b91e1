/** Random profile graphs: keys, roles, chains, two devices, includes, defaults, in random order. */

/** A repeatable source of random numbers (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A config file in parts, and the names under which keys are stored. */
export interface Graph {
  readonly sections: readonly string[];
  readonly names: readonly string[];
  readonly keys: ReadonlySet<string>;
}

const DEVICES = ["arn:aws:iam::111111111111:mfa/phone", "arn:aws:iam::111111111111:mfa/token"];

/** Makes a graph of 2 to 8 profiles whose chains all end at a stored key. */
export function randomGraph(random: () => number): Graph {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const chance = (probability: number) => random() < probability;
  const count = 2 + Math.floor(random() * 7);
  const names: string[] = [];
  const keys = new Set<string>();
  const sections: string[] = [];
  const device = () => `mfa_serial = ${chance(0.8) ? DEVICES[0] : DEVICES[1]}`;
  for (let i = 0; i < count; i++) {
    const name = `p${i}`;
    const lines = [`[profile ${name}]`];
    const isKey = i === 0 || chance(0.25);
    if (isKey) keys.add(name);
    else lines.push(`source_profile = ${pick(names)}`);
    if (isKey ? chance(0.1) : chance(0.85)) {
      lines.push(`role_arn = arn:aws:iam::222222222222:role/${name}`);
    }
    if (chance(0.6)) lines.push(device());
    if (chance(0.2)) lines.push(`duration_seconds = ${pick([900, 3600, 7200, 43200])}`);
    if (chance(0.15)) lines.push("include_profile = shared");
    if (chance(0.05) && isKey) lines.push(`source_profile = ${name}`);
    names.push(name);
    sections.push(lines.join("\n") + "\n");
  }
  if (chance(0.4)) sections.push(`[default]\n${chance(0.5) ? device() : "region = eu-west-1"}\n`);
  const shared = chance(0.5) ? device() : `duration_seconds = ${pick([1800, 7200])}`;
  sections.push(`[profile shared]\n${shared}\n`);
  return { sections, names, keys };
}

/** The same values in another order. */
export function shuffled<T>(values: readonly T[], random: () => number): T[] {
  return values.map((value) => ({ value, at: random() })).sort((a, b) => a.at - b.at)
    .map(({ value }) => value);
}

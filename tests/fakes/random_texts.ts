/**
 * Texts of lines that are put together at random, always the same ones: for a quick reader, which has to
 * find what the slow one finds. Each begins with a section; lines end in each of the three ways.
 */
export function* randomTexts(pieces: readonly string[], count: number): Generator<string> {
  let state = 7;
  const random = (below: number) => (state = state * 48271 % 2147483647) % below;
  for (let n = 0; n < count; n++) {
    const lines = Array.from({ length: random(9) }, () => pieces[random(pieces.length)]!);
    yield ["[profile first]", ...lines].join(["\n", "\r\n", "\r"][random(3)]);
  }
}

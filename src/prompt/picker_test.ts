import assert from "node:assert/strict";
import { processorMs } from "../../tests/services/processor_time.ts";
import { displayWidth } from "../display_width.ts";
import { makePicker, type PickerItem } from "./picker.ts";

const item = (name: string, uses = 0, detail = ""): PickerItem => ({
  name,
  uses,
  describe: () => detail,
});

const ITEMS = [
  item("default"),
  item("work", 3, "account 111122223333"),
  item("work-admin", 0, "role admin, account 111122223333, 59 minutes left"),
  item("日本語-prod", 5),
  item("\x1b[31mred"),
];

function press(
  items: readonly PickerItem[],
  keys: readonly string[],
  size = { columns: 80, rows: 24 },
) {
  const picker = makePicker(items);
  picker.render(size);
  let result: { readonly result: string | undefined } | undefined;
  for (const key of keys) result = picker.onKey(key);
  return { result, screen: picker.render(size) };
}

Deno.test("the picker shows the most used first, and what each is", () => {
  assert.deepEqual(press(ITEMS, []).screen, [
    "Profile:  (5 of 5)",
    "> 日本語-prod",
    "  work           account 111122223333",
    "  default",
    "  work-admin     role admin, account 111122223333, 59 minutes left",
    "  \\u001b[31mred",
  ]);
});

Deno.test("the picker filters by every word, also by scattered characters", () => {
  assert.deepEqual(press(ITEMS, [..."wk ad"]).screen, [
    "Profile: wk ad (1 of 5)",
    "> work-admin  role admin, account 111122223333, 59 minutes left",
  ]);
  assert.deepEqual(press(ITEMS, [..."work", "enter"]).result, { result: "work" });
  assert.deepEqual(press(ITEMS, [..."nothing", "enter"]).result, undefined);
  assert.deepEqual(press(ITEMS, [..."語", "enter"]).result, { result: "日本語-prod" });
  assert.deepEqual(press(ITEMS, [..."zz", "backspace", "ctrl-u", "enter"]).result, {
    result: "日本語-prod",
  });
});

Deno.test("the picker moves by lines and pages, and not past the ends", () => {
  const many = Array.from({ length: 100 }, (_, i) => item(`p${i}`));
  const size = { columns: 80, rows: 12 };
  const picked = (...keys: string[]) => press(many, [...keys, "enter"], size).result?.result;
  assert.deepEqual(
    [
      picked("down", "down", "up"),
      picked("up"),
      picked("pagedown"),
      picked("pagedown", "pagedown", "pageup"),
      picked("end", "down"),
      picked("end", "home"),
    ],
    ["p1", "p0", "p10", "p10", "p99", "p0"],
  );
  assert.deepEqual(press(many, ["escape"]).result, { result: undefined });
});

Deno.test("the picker fits into 40 columns and few rows", () => {
  const long = [...ITEMS, item("x".repeat(100), 1, "account"), item("漢".repeat(60), 1)];
  for (
    const size of [{ columns: 40, rows: 4 }, { columns: 20, rows: 24 }, { columns: 1, rows: 1 }]
  ) {
    const { screen } = press(long, ["down", "down", "down"], size);
    assert(screen.length <= Math.max(2, size.rows));
    for (const line of screen) assert(displayWidth(line) < Math.max(size.columns, 1) + 1, line);
  }
});

Deno.test("the picker answers a key among 10,000 profiles within 16 ms", () => {
  const many = Array.from({ length: 10_000 }, (_, i) => item(`team-${i % 97}-account-${i}`, i % 7));
  const times = Array.from({ length: 10 }, () => {
    const picker = makePicker(many);
    return processorMs(() => {
      for (const key of "t a 99") {
        picker.onKey(key);
        picker.render({ columns: 80, rows: 24 });
      }
    }) / 6;
  });
  assert(Math.min(...times) < 16, `${Math.min(...times)} ms`);
});

Deno.test("the picker describes only what it shows", () => {
  let described = 0;
  const describe = () => `${described++}`;
  const many = Array.from({ length: 1_000 }, (_, i) => ({ ...item(`team-${i}`), describe }));
  assert.deepEqual([press(many, ["9"]).screen.length, described], [16, 2 * 15]);
});

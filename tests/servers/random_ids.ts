import { randomBytes } from "node:crypto";

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** A prefix such as `AKIA` and letters and digits up to a length, as AWS makes its ids. */
export function randomId(prefix: string, length: number): string {
  const letters = [...randomBytes(length - prefix.length)].map((byte) => BASE32[byte % 32]);
  return prefix + letters.join("");
}

/** A secret access key: 40 characters of base64, always with `/` and `+` among them. */
export function randomSecret(): string {
  return randomBytes(27).toString("base64").slice(0, 36).replaceAll("=", "a") + "/+x/";
}

/** A session token: several hundred characters of base64 with its padding, and no id among them. */
export function randomToken(): string {
  const random = randomBytes(397).toString("base64");
  return "IQoJb3JpZ2luX2Vj" + random.replaceAll(/A(?=[KS]IA)/g, "B");
}

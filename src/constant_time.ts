/**
 * Whether a given text equals a secret of ours, in a time that does not depend on how much of it is right.
 * Otherwise anyone who can measure the time finds the secret character by character.
 */
export function isSameSecret(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length;
  for (let at = 0; at < secret.length; at++) {
    difference |= given.charCodeAt(at % Math.max(given.length, 1)) ^ secret.charCodeAt(at);
  }
  return difference === 0;
}

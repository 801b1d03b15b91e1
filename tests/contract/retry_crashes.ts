/** How often a test is tried whose keystore crashes. */
const MOST_ATTEMPTS = 3;

/** A store whose keystore has a program of its own. */
export interface CrashingStore extends AsyncDisposable {
  /** How that program ended, where it did: KeePassXC 2.7.4 crashes now and then. */
  crash?(): Promise<string | undefined>;
}

/**
 * Runs a test with a store of its own, and again where it failed and the store's program has crashed. A
 * crash for which we are to blame comes each time, and the test fails.
 */
export async function retryCrashes<Store extends CrashingStore>(
  makeStore: () => Store | Promise<Store>,
  body: (store: Store) => Promise<void>,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    await using store = await makeStore();
    try {
      return await body(store);
    } catch (error) {
      const crash = await store.crash?.();
      if (crash === undefined || attempt === MOST_ATTEMPTS) throw error;
      console.log(`The keystore's program has crashed (${crash}): once more`);
    }
  }
}

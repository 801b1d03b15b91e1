/** When a server renews credentials, in seconds before their end. */

/** Credentials are renewed from here on: the AWS SDKs regard them as about to expire. */
export const RENEW_BEFORE_SECONDS = 300;

/** Each server renews up to this much earlier, so that servers started together do not call AWS together. */
export const JITTER_SECONDS = 30;

/** Credentials with a shorter lifetime would be renewed at once. */
export const LEAST_LIFE_SECONDS = RENEW_BEFORE_SECONDS + JITTER_SECONDS;

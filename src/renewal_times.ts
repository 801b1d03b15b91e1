/** When a server renews credentials, in seconds before their end. */

/** From here on there is a renewal: what the AWS SDKs take for nearly expired. */
export const RENEW_BEFORE_SECONDS = 300;

/** Servers that were started together do not ask AWS together: each renews up to so much earlier. */
export const JITTER_SECONDS = 30;

/** What lives shorter than this would be renewed at once. */
export const LEAST_LIFE_SECONDS = RENEW_BEFORE_SECONDS + JITTER_SECONDS;

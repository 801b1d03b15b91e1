/** The kind of the rows that hold logins; `sso-` keeps them out of the list of sessions. */
export const TOKEN_KIND = "sso-token";

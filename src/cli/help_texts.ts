/** The topics of `help` that are texts of their own. */

import type { HelpTopic } from "./help_topic.ts";

const lines = (...lines: readonly string[]) => ({ kind: "lines", lines }) as const;

/** In the order of the help. */
export const HELP_TEXTS: readonly HelpTopic[] = [
  {
    name: "config",
    title: "Config file",
    brief: "Profiles, roles and MFA devices come from the config file that the AWS CLI reads.",
    parts: [
      lines(
        "[profile work]",
        "region = eu-west-1",
        "mfa_serial = arn:aws:iam::111122223333:mfa/me",
        "",
        "[profile admin]",
        "source_profile = work",
        "role_arn = arn:aws:iam::111122223333:role/admin",
        "mfa_serial = arn:aws:iam::111122223333:mfa/me",
      ),
      "A flag goes before a variable, a variable before the profile, the profile before what it " +
      "includes (include_profile), and that before [default]. Settings that say whose credentials " +
      "a profile gives are never taken from [default].",
      "Where a setting comes from, and what is done with it:",
      lines("aws-vault explain admin", "aws-vault doctor admin", "aws-vault list --tree"),
    ],
  },
  {
    name: "backends",
    title: "Back ends",
    brief: "Stored keys are in one of these keystores, in the order in which they are tried.",
    parts: [
      "The first that can be used here is taken, unless --backend or AWS_VAULT_BACKEND names one. " +
      "Which one that is and why, and keys moved from one to another:",
      lines("aws-vault doctor", "aws-vault migrate-backend --from file --to secret-service"),
    ],
  },
  {
    name: "mfa",
    title: "MFA",
    brief: "A code of an MFA device is asked for where a profile names one in mfa_serial.",
    parts: [
      "It is taken from --mfa-token, else from the program of mfa_process, else from a stored " +
      "seed, else a person is asked: at the terminal, or in a window where there is none.",
      "One code serves all roles of a key and a device for 8 hours, where the profile of the key " +
      "and those of the roles name the same mfa_serial. AWS takes a code once.",
      lines("aws-vault exec admin --mfa-token 123456 -- aws s3 ls"),
      "A virtual device for the user of a key, whose QR code an authenticator app scans, and a " +
      "device whose clock is off:",
      lines("aws-vault mfa enroll work", "aws-vault mfa resync work"),
      "The seed of a device in the keystore, from which codes are made. Key and device then lie " +
      "in one place, and who opens it has both:",
      lines("aws-vault add --mfa-secret work"),
      "Passkeys and security keys (FIDO2) cannot give a code for a command line. A browser signs in " +
      "with them: by IAM Identity Center (help sso), or as the user of the console by a profile " +
      "with login_session, the setting of aws login:",
      lines(
        "[profile me]",
        "login_session = arn:aws:iam::111122223333:user/me",
      ),
    ],
  },
  {
    name: "sso",
    title: "IAM Identity Center",
    brief: "Profiles of IAM Identity Center need a sign-in in a browser, and no stored key.",
    parts: [
      lines(
        "[sso-session corp]",
        "sso_start_url = https://example.awsapps.com/start",
        "sso_region = eu-west-1",
        "",
        "[profile dev]",
        "sso_session = corp",
        "sso_account_id = 111122223333",
        "sso_role_name = Developer",
      ),
      "The sign-in is asked for when it is needed. --no-browser prints its address, " +
      "--sso-device-code signs in with a code on another device. Profiles for all your roles:",
      lines("aws-vault sso login corp", "aws-vault sso populate corp"),
    ],
  },
  {
    name: "ci",
    title: "CI",
    brief: "Without a terminal nothing is asked: the exit code is 4, at once.",
    parts: [
      "A job that has an identity token of its CI system needs no stored key, no profile and no " +
      "keystore:",
      lines(
        "aws-vault exec --oidc github --role-arn 111122223333:ci -- make",
      ),
      "Otherwise use the file back end, with the passphrase from the job's secrets in " +
      "AWS_VAULT_FILE_PASSPHRASE, which the command does not get. --no-prompt never asks, also " +
      "at a terminal.",
    ],
  },
  {
    name: "servers",
    title: "Servers",
    brief: "A command that runs longer than its credentials gets new ones from a local server.",
    parts: [
      lines("aws-vault exec --server work -- ./long-job"),
      "--server answers SDKs at an address of this machine, with a token that only the command " +
      "has. --imds-port serves as EC2 instance metadata on a port, --ec2-server at " +
      "169.254.169.254 by sudo: any program of this machine can ask these. serve is one server for " +
      "many programs, each with a grant of its own.",
    ],
  },
  {
    name: "agents",
    title: "Coding agents",
    brief:
      "A program that you do not trust wholly gets a role that can do little, for a short time.",
    parts: [
      "What exec starts gets credentials that end, and neither the stored key nor a secret of " +
      "aws-vault. On Linux what is unlocked of the file store is closed to it, but for cached " +
      "sessions.",
      lines("aws-vault exec --duration=15m read-only -- agent"),
      "Each use is recorded with the program that had it, and with the coding agent that it runs " +
      "under:",
      lines("aws-vault log --since=1d"),
    ],
  },
  {
    name: "credential-process",
    title: "SDKs",
    brief: "SDKs run a program for credentials where a profile names one in credential_process.",
    parts: [
      lines(
        "[profile admin-sdk]",
        "credential_process = aws-vault export --format=json admin",
      ),
      "Name another profile than the one that holds the role. A cached answer takes no call. Of " +
      "many processes that ask at once one asks the person, and the others wait up to 55 seconds " +
      "(--wait), as SDKs give up after 60.",
    ],
  },
  {
    name: "troubleshooting",
    title: "Troubleshooting",
    brief: "What to do when something does not work.",
    parts: [
      {
        kind: "terms",
        rows: [
          ["aws-vault doctor", "Finds what is wrong, and says what to do"],
          ["aws-vault explain <profile>", "Shows the calls, and where each setting comes from"],
          ["aws-vault --debug ...", "Prints what is done; no secret is in it"],
          ["aws-vault clear <profile>", "Forgets cached sessions, and obtains new ones"],
        ],
      },
      "AWS refuses a call to IAM with InvalidClientTokenId: IAM takes no session without MFA. Set " +
      "mfa_serial in the profile, or use --no-session.",
      "AWS refuses to assume a role that requires MFA: set the same mfa_serial in the profile of " +
      "the role and in that of its key.",
      "Keys are not there any more: another keystore may be in use than before. aws-vault doctor " +
      "says which, and --backend names the other one.",
      "Nothing seems to happen under an SDK or in an IDE: another aws-vault waits for a code, or " +
      "no terminal is seen. Use --prompt, or obtain a session first: aws-vault exec <profile> -- true",
    ],
  },
];

/** The topics of `help` that are separate texts. */

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
      "A flag takes precedence over a variable, a variable over the profile, the profile over what it " +
      "includes (include_profile), and that over [default]. Settings that decide whose credentials " +
      "a profile gives are never inherited from [default].",
      "To see where a setting comes from, and what it does:",
      lines("aws-vault explain admin", "aws-vault doctor admin", "aws-vault list --tree"),
    ],
  },
  {
    name: "backends",
    title: "Back ends",
    brief: "Stored keys are in one of these keystores, in the order in which they are tried.",
    parts: [
      "The first usable one is taken, unless --backend or AWS_VAULT_BACKEND names one. " +
      "To see which one that is and why, and to move keys from one to another:",
      lines("aws-vault doctor", "aws-vault migrate-backend --from file --to secret-service"),
    ],
  },
  {
    name: "mfa",
    title: "MFA",
    brief: "A profile that names an MFA device in mfa_serial needs a code of it.",
    parts: [
      "The code comes from --mfa-token, else from the program of mfa_process, else from a stored " +
      "seed; otherwise a person is asked, at the terminal or, without one, in a window.",
      "One code serves all roles of a key and a device for 8 hours, where the profile of the key " +
      "and those of the roles name the same mfa_serial. AWS accepts a code once.",
      lines("aws-vault exec admin --mfa-token 123456 -- aws s3 ls"),
      "Create a virtual device for the user of a key, whose QR code an authenticator app scans, or " +
      "synchronize a device whose clock is off:",
      lines("aws-vault mfa enroll work", "aws-vault mfa resync work"),
      "Store the seed of a device in the keystore to generate codes from it. Key and device are then " +
      "in one place, and anyone who opens it has both:",
      lines("aws-vault add --mfa-secret work"),
      "Passkeys and security keys (FIDO2) cannot give a code to a command line. A browser can sign in " +
      "with them: to IAM Identity Center (help sso), or to the console through a profile " +
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
      "A sign-in starts when one is needed. --no-browser prints its address, " +
      "--sso-device-code signs in with a code on another device. Profiles for all your roles:",
      lines("aws-vault sso login corp", "aws-vault sso populate corp"),
    ],
  },
  {
    name: "ci",
    title: "CI",
    brief: "Without a terminal nothing is asked: the command fails at once with exit code 4.",
    parts: [
      "A job that has an identity token of its CI system needs no stored key, no profile and no " +
      "keystore:",
      lines(
        "aws-vault exec --oidc github --role-arn 111122223333:ci -- make",
      ),
      "Otherwise use the file back end, with the passphrase from the job's secrets in " +
      "AWS_VAULT_FILE_PASSPHRASE, which the command does not inherit. --no-prompt never asks, even " +
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
      "Give a program that you do not fully trust a role that can do little, for a short time.",
    parts: [
      "What exec starts gets credentials that expire, and neither the stored key nor a secret of " +
      "aws-vault. On Linux it cannot use what is unlocked in the file store, except for cached " +
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
      "Use a profile other than the one that holds the role. A cached answer needs no call. Of " +
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
          ["aws-vault doctor", "Finds problems, and says what to do"],
          ["aws-vault explain <profile>", "Shows the calls, and where each setting comes from"],
          ["aws-vault --debug ...", "Prints each step, without secrets"],
          ["aws-vault clear <profile>", "Forgets cached sessions, and obtains new ones"],
        ],
      },
      "AWS refuses a call to IAM with InvalidClientTokenId: IAM accepts no session without MFA. Set " +
      "mfa_serial in the profile, or use --no-session.",
      "AWS refuses to assume a role that requires MFA: set the same mfa_serial in the profile of " +
      "the role and in that of its key.",
      "Keys are gone: a different keystore may be in use. aws-vault doctor " +
      "shows which, and --backend names the other one.",
      "Nothing seems to happen in an SDK or an IDE: another aws-vault is waiting for a code, or " +
      "there is no terminal. Use --prompt, or obtain a session first: aws-vault exec <profile> -- true",
    ],
  },
];

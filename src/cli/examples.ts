/** Lines to learn from, for the help of each command; `tests/stories/examples.txt` runs them. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  add: ["aws-vault add work", "aws-vault add --env work"],
  list: ["aws-vault list", "aws-vault list --long", "aws-vault list --json"],
  exec: [
    "aws-vault exec work -- aws s3 ls",
    "aws-vault exec --duration=2h admin -- terraform apply",
    "aws-vault exec --server work -- ./long-job",
    "aws-vault exec work",
  ],
  export: [
    "aws-vault export --format=json work",
    'eval "$(aws-vault export --format=export-env work)"',
  ],
  explain: ["aws-vault explain admin", "aws-vault explain --duration=2h admin"],
  rotate: ["aws-vault rotate work", "aws-vault rotate --all --older-than=90d --dry-run"],
  remove: ["aws-vault remove work", "aws-vault remove --force work"],
  restore: ["aws-vault restore work"],
  clear: ["aws-vault clear", "aws-vault clear work"],
  import: ["aws-vault import --dry-run", "aws-vault import --csv=accessKeys.csv --profile=work"],
  "migrate-backend": ["aws-vault migrate-backend --from=file --to=secret-service"],
  "change-passphrase": ["aws-vault change-passphrase"],
  lock: ["aws-vault lock"],
  unlock: ["aws-vault unlock", "aws-vault unlock --all --for=1h"],
  completion: ['eval "$(aws-vault completion bash)"'],
  version: ["aws-vault version"],
};

/**
 * The fake AWS as a program, for trials by hand: `deno run -A tests/servers/main.ts [OPTIONS.json]`.
 *
 * Prints its URL and, as JSON on the next line, the first user's name, key and MFA device; then serves
 * until it is interrupted. The option file holds `FakeAwsOptions`.
 */

import { type FakeAwsOptions, startFakeAws } from "./fake_aws.ts";

if (import.meta.main) {
  const [path] = Deno.args;
  const options = path === undefined ? {} : JSON.parse(await Deno.readTextFile(path));
  const aws = await startFakeAws(options as FakeAwsOptions);
  const user = aws.world.users[0]!;
  const device = user.devices[0];
  console.log(aws.url);
  console.log(JSON.stringify({
    user: user.name,
    accessKeyId: user.key.id,
    secretAccessKey: user.key.secret,
    mfaSerial: device?.serial,
    mfaSecret: device?.secret,
    roles: aws.world.roles.map((role) => role.arn),
  }));
}

/** The text of a program's standard output; throws with its standard error where it fails. */
export async function programOutput(
  command: string,
  args: readonly string[],
  options: { stdin?: string; env?: Readonly<Record<string, string>>; clearEnv?: boolean } = {},
): Promise<string> {
  const { stdin = "", env = {}, clearEnv = false } = options;
  const child = new Deno.Command(command, {
    args: [...args],
    env: { ...env },
    clearEnv,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(stdin)).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`${command} ${args[0]}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** The first line that a program writes, in however many pieces it comes; what follows is thrown away. */
export async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`the program ended before it had written a line: ${text}`);
    text += value;
  }
  await reader.cancel();
  return text.slice(0, text.indexOf("\n")).trimEnd();
}

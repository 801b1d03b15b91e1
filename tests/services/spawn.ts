/**
 * Starts a program; once more where wine could not.
 *
 * Once in some thousand starts a process of wine is over before its first instruction. The error is then
 * ERROR_INTERNAL_ERROR (1359), which Windows does not give here.
 */
export function spawn(program: string, options: Deno.CommandOptions): Deno.ChildProcess {
  const command = new Deno.Command(program, options);
  try {
    return command.spawn();
  } catch (error) {
    if (!(error instanceof Error) || !error.message.endsWith("(os error 1359)")) throw error;
    return command.spawn();
  }
}

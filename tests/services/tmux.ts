/** A terminal of tmux: a real one in a window of a given size, whose screen can be read. */

/** A window in which a line of the shell runs. */
export class TmuxWindow implements Disposable {
  readonly #name = `aws-vault-test-${crypto.randomUUID()}`;

  /** Starts the line with this environment only, in a folder. */
  constructor(
    line: string,
    { columns, rows, env, cwd }: {
      readonly columns: number;
      readonly rows: number;
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    },
  ) {
    // The end is shown, and the window stays for it to be read.
    const script = `${line}\necho "[exit $?]"\nexec cat >/dev/null`;
    const variables = Object.entries({ TERM: "screen", LANG: "C.UTF-8", ...env });
    const words = ["env", "-i", ...variables.map(([name, value]) => `${name}=${value}`)];
    this.#run(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      `${columns}`,
      "-y",
      `${rows}`,
      "-c",
      cwd,
      [
        ...words,
        "sh",
        "-c",
        script,
      ].map(quoted).join(" "),
      ";",
      "set-option",
      "-g",
      "status",
      "off",
    );
  }

  /** What is on the screen, and what was scrolled out of it. */
  async capture(): Promise<string> {
    const command = this.#command("capture-pane", "-p", "-S", "-");
    return said(await command.output()).replace(/\n+$/, "\n");
  }

  /** The screen once the text is on it; fails where it does not come. */
  async until(text: string | RegExp): Promise<string> {
    for (const start = performance.now(); performance.now() - start < 60_000;) {
      // Each look costs a process, which is pause enough; the test's own AWS answers in the meantime.
      const screen = await this.capture();
      if (typeof text === "string" ? screen.includes(text) : text.test(screen)) return screen;
    }
    throw new Error(`${text} did not appear:\n${await this.capture()}`);
  }

  /** Presses keys by tmux's names, or types text. */
  press(...keys: string[]): void {
    this.#run("send-keys", ...keys);
  }

  /** Gives the window another size. */
  resize(columns: number, rows: number): void {
    this.#run("resize-window", "-x", `${columns}`, "-y", `${rows}`);
  }

  [Symbol.dispose](): void {
    this.#run("kill-server");
  }

  #run(...args: string[]): void {
    said(this.#command(...args).outputSync());
  }

  #command(...args: string[]): Deno.Command {
    return new Deno.Command("tmux", {
      args: ["-L", this.#name, ...args],
      env: { LANG: "C.UTF-8", TMUX: "" },
      stdin: "null",
    });
  }
}

function said({ success, stdout, stderr }: Deno.CommandOutput): string {
  if (!success) throw new Error(`tmux: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

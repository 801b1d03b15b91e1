/** A client of `clients.ts` at work: it is asked by lines, and keeps what its SDK keeps in between. */

/** What a client got. */
export interface Got {
  readonly accessKeyId: string;
  /** In seconds of the epoch; `undefined` where the SDK does not show it. */
  readonly end: number | undefined;
}

/** A running client. */
export class AskingClient implements AsyncDisposable {
  readonly pid: number;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #stderr: Promise<string>;
  #text = "";

  private constructor(child: Deno.ChildProcess) {
    this.pid = child.pid;
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.#reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#stderr = new Response(child.stderr).text();
  }

  /** Starts it by words of `buildClient`, or by others that end with them, with this environment only. */
  static start(words: readonly string[], env: Readonly<Record<string, string>>): AskingClient {
    const [program = "", ...args] = words;
    const options = { stdin: "piped", stdout: "piped", stderr: "piped" } as const;
    const PATH = Deno.env.get("PATH") ?? "";
    const all = { env: { PATH, ...env }, clearEnv: true };
    return new AskingClient(new Deno.Command(program, { args, ...all, ...options }).spawn());
  }

  /** Asks for credentials; throws where it gets none. */
  async ask(): Promise<Got> {
    const line = await this.askForLine();
    const [, accessKeyId, end] = /^(A\w+) (\d+|-)$/.exec(line) ?? [];
    if (accessKeyId === undefined) throw new Error(`no credentials, but: ${line}`);
    return { accessKeyId, end: end === "-" ? undefined : Number(end) };
  }

  /** Asks, and gives the line that comes of it. */
  async askForLine(): Promise<string> {
    await this.#writer.write(new TextEncoder().encode("\n"));
    while (!this.#text.includes("\n")) {
      const { done, value } = await this.#reader.read();
      if (done) throw new Error(`it ended: ${this.#text}${await this.#stderr}`);
      this.#text += value;
    }
    const [line = "", ...rest] = this.#text.split("\n");
    this.#text = rest.join("\n");
    return line;
  }

  /** Lets it end, and gives its exit code and what it said on standard error. */
  async end(): Promise<{ code: number; stderr: string }> {
    await this.#writer.close().catch(() => {});
    for (let done = false; !done;) ({ done } = await this.#reader.read());
    const { code } = await this.#child.status;
    return { code, stderr: await this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.end().catch(() => {});
  }
}

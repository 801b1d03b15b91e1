import { requireService, runs } from "../services.ts";

/** Runs a Python program on botocore: JSON in, JSON out. */
export async function askBotocore(program: string, question: unknown): Promise<unknown> {
  const python = new Deno.Command("python3", {
    args: ["-c", program],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = python.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(question)));
  await writer.close();
  const { success, stdout, stderr } = await python.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** Whether suites that ask botocore can run here. */
export function requireBotocore(): { ignore: boolean } {
  return requireService(
    "botocore",
    runs("python3", "-c", "import botocore"),
    "pip install botocore",
  );
}

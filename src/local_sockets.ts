/**
 * Sockets at a path, by which programs of one user speak to each other; on Windows a file at the path
 * names a pipe that does the same.
 */
export interface LocalSockets {
  /**
   * Answers each line that comes in with one line, on a new socket of mode 0600. The path's folder must
   * be this user's own, and nothing may be at the path. A peer that runs as another user gets nothing.
   *
   * Throws `file-failed` where there can be no such socket.
   */
  listen(path: string, answer: (line: string) => Promise<string>): Promise<LocalListener>;
  /**
   * Sends a line, and gives the line that comes back; `undefined` where nobody listens, or no more.
   *
   * Throws `unsafe-file` where another user listens, or something else is at the path, and
   * `wait-timeout` where no answer comes in time.
   */
  ask(path: string, line: string, timeoutMs: number): Promise<string | undefined>;
  /** Sends a datagram without waiting, and says whether it was taken; on Windows it never is. */
  send(path: string, datagram: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

/** A socket that answers. */
export interface LocalListener {
  /** Whether it is still what is at its path: otherwise nobody reaches it any more. */
  isThere(): boolean;
  /** Ends it, once the answers that are on their way are sent, and removes it. */
  close(): Promise<void>;
}

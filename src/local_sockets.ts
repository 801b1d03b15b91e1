/**
 * Sockets at a path, through which programs of one user communicate. On Windows a file at the path names
 * a pipe that does the same.
 */
export interface LocalSockets {
  /**
   * Answers each incoming line with one line, on a new socket of mode 0600. The path's folder must belong
   * to this user, and nothing may be at the path. A peer that runs as another user gets nothing.
   *
   * Throws `file-failed` if the socket cannot be made.
   */
  listen(path: string, answer: (line: string) => Promise<string>): Promise<LocalListener>;
  /**
   * Sends a line, and gives the answer; `undefined` if nobody listens, or no longer.
   *
   * Throws `unsafe-file` if another user listens or something else is at the path, and
   * `wait-timeout` if no answer comes in time.
   */
  ask(path: string, line: string, timeoutMs: number): Promise<string | undefined>;
  /** Sends a datagram without waiting, and says whether it was taken; on Windows it never is. */
  send(path: string, datagram: Uint8Array<ArrayBuffer>): Promise<boolean>;
}

/** A socket that answers. */
export interface LocalListener {
  /** Whether the path still leads to this socket: otherwise nobody can reach it. */
  isThere(): boolean;
  /** Closes and removes it after the answers under way are sent. */
  close(): Promise<void>;
}

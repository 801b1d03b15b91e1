/** SQLite, as the program uses it. */

/** SQLite databases. */
export interface Databases {
  /**
   * Opens a SQLite database, made when missing (mode 0600). Throws {@linkcode DatabaseFailure}, also
   * if it or its folder is not this user's alone.
   */
  open(path: string, options: DatabaseOptions): Promise<Database>;
  /** Loads SQLite, and gives a synchronous `open`. */
  load(): Promise<OpenDatabase>;
}

/** As {@linkcode Databases.open}, once SQLite is loaded. */
export type OpenDatabase = (path: string, options: DatabaseOptions) => Database;

/** How a database is opened. */
export interface DatabaseOptions {
  /** How long to wait for others' locks before a {@linkcode DatabaseFailure} `busy`. */
  readonly busyTimeoutMs: number;
  readonly readOnly?: boolean | undefined;
}

/** What a column holds. */
export type DatabaseValue = string | number | bigint | null | Uint8Array;

/** One SQLite connection. All methods throw {@linkcode DatabaseFailure}. */
export interface Database {
  /** Runs statements without parameters or results. */
  execute(sql: string): void;
  /** Runs one statement, and gives the number of changed rows. */
  run(sql: string, ...values: DatabaseValue[]): number;
  /** All rows of a query. */
  all(sql: string, ...values: DatabaseValue[]): Record<string, DatabaseValue>[];
  close(): void;
}

/** A failure of SQLite, distinguished by what can be done about it. */
export class DatabaseFailure extends Error {
  override readonly name = "DatabaseFailure";
  /**
   * `damaged`: not a database, or corrupt. `busy`: locked by others for longer than the time-out.
   * `unwritable`: read-only or full disk, or no permission. `other`: anything else.
   */
  readonly kind: "damaged" | "busy" | "unwritable" | "other";

  constructor(kind: DatabaseFailure["kind"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

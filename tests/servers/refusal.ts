/** An answer in which AWS says no, in AWS's words. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** A parameter outside its limits, as AWS says it. */
export function invalid(message: string): Refusal {
  return new Refusal(400, "ValidationError", message);
}

/** A request that the caller must not make. */
export function denied(message: string): Refusal {
  return new Refusal(403, "AccessDenied", message);
}

/** A key that AWS does not know, or does not let do this. */
export function unknownToken(): Refusal {
  return new Refusal(
    403,
    "InvalidClientTokenId",
    "The security token included in the request is invalid.",
  );
}

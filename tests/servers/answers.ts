/** The forms of an answer. */

import type { WireAnswer } from "./http.ts";
import type { Refusal } from "./refusal.ts";
import type { Service } from "./service.ts";
import { renderXml, type XmlElements } from "./xml.ts";

/** What every answer of AWS carries. */
export interface Stamp {
  readonly requestId: string;
  readonly nowMs: number;
}

/** An answer in XML, with AWS's headers. */
export function xml(status: number, body: string, { requestId, nowMs }: Stamp): WireAnswer {
  const headers = {
    "x-amzn-RequestId": requestId,
    "Content-Type": "text/xml",
    "Date": new Date(nowMs).toUTCString(),
  };
  return { status, headers, body };
}

/** A refusal as an `ErrorResponse`. */
export function refuse(refusal: Refusal, service: Service, stamp: Stamp): WireAnswer {
  const type = refusal.status < 500 ? "Sender" : "Receiver";
  const body = renderXml({
    [`ErrorResponse xmlns="${namespace(service)}"`]: {
      Error: { Type: type, Code: refusal.code, Message: refusal.message },
      RequestId: stamp.requestId,
    },
  });
  return xml(refusal.status, body, stamp);
}

/** The body of a success. */
export function renderSuccess(
  service: Service,
  action: string,
  result: XmlElements | undefined,
  requestId: string,
): string {
  return renderXml({
    [`${action}Response xmlns="${namespace(service)}"`]: {
      [`${action}Result`]: result,
      ResponseMetadata: { RequestId: requestId },
    },
  });
}

function namespace(service: Service): string {
  return `https://${service.name}.amazonaws.com/doc/${service.version}/`;
}

/** A page, as whatever stands between AWS and its callers may give. */
export function html(status: number, title: string): WireAnswer {
  const body =
    `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body>${title}</body></html>\n`;
  return { status, headers: { "Content-Type": "text/html" }, body };
}

/** An answer of the control endpoint. */
export function json(value: unknown): WireAnswer {
  const headers = { "Content-Type": "application/json" };
  return { status: 200, headers, body: JSON.stringify(value, null, 2) + "\n" };
}

/** An answer of a service that speaks JSON. */
export function restJson(status: number, value: unknown, { requestId, nowMs }: Stamp): WireAnswer {
  const headers = {
    "x-amzn-RequestId": requestId,
    "Content-Type": "application/json",
    "Date": new Date(nowMs).toUTCString(),
  };
  return { status, headers, body: value === undefined ? "" : JSON.stringify(value) };
}

/** A refusal of a service that speaks JSON: OAuth's form for its OIDC service, a message for the others. */
export function refuseJson(refusal: Refusal, isOidc: boolean, stamp: Stamp): WireAnswer {
  const name = refusal.code.replace(/Exception$/, "");
  const error = name.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`).toLowerCase();
  const body = isOidc
    ? { error, error_description: refusal.message }
    : { message: refusal.message, __type: `com.amazonaws.switchboard.portal#${refusal.code}` };
  const answer = restJson(refusal.status, body, stamp);
  return { ...answer, headers: { ...answer.headers, "x-amzn-ErrorType": `${refusal.code}:` } };
}

/** A refusal of AWS Sign-In: one exception for every denial, with its reason as `error`. */
export function refuseSignin(refusal: Refusal, stamp: Stamp): WireAnswer {
  const isDenial = refusal.code === "AccessDeniedException";
  const error = isDenial ? refusal.message : "INVALID_REQUEST";
  const answer = restJson(refusal.status, { error, message: refusal.message }, stamp);
  return { ...answer, headers: { ...answer.headers, "x-amzn-ErrorType": refusal.code } };
}

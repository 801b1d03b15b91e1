import type { Credentials } from "../credentials.ts";
import type { HttpResponse } from "../http.ts";
import type { Endpoint } from "./endpoint.ts";
import { explainRefusal } from "./explain_error.ts";
import { type Answer, type AwsDeps, type Retry, sendCall } from "./send.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** The endpoint of a call, and its credentials. */
export interface AwsCaller {
  readonly endpoint: Endpoint;
  /** Absent: the call is not signed. */
  readonly credentials?: Credentials | undefined;
  /** PEM certificates of `ca_bundle`, see `readCaBundle`. */
  readonly caCertificates?: readonly string[] | undefined;
  /** Timeout of each try, 10 s by default. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A parameter of the Query protocol: lists become `Name.member.N`, absent ones are omitted. */
export type QueryValue =
  | string
  | number
  | undefined
  | readonly QueryValue[]
  | { readonly [field: string]: QueryValue };

/** One call of the Query protocol. */
export interface QueryCall extends AwsCaller {
  readonly action: string;
  /** The version of the service's API: `2011-06-15` for STS. */
  readonly version: string;
  readonly params: Readonly<Record<string, QueryValue>>;
  /** The object of the call, for messages: `role "arn:…"`. */
  readonly subject?: string | undefined;
  readonly retry: Retry;
}

/**
 * Makes one call of AWS's Query protocol, and gives its `<ActionResult>` (empty if it has none).
 *
 * Throws `AwsError` for a refusal, with hints for the usual causes, and `NetworkError` if there is
 * no readable answer. Source: botocore's `QuerySerializer` and `QueryParser`.
 */
export async function callQuery(deps: AwsDeps, call: QueryCall): Promise<XmlElement> {
  const { endpoint, credentials } = call;
  return await sendCall(deps, {
    action: call.action,
    subject: call.subject,
    request: {
      method: "POST",
      url: endpoint.url,
      headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
      body: renderQuery(call.action, call.version, call.params),
    },
    signing: credentials && {
      credentials,
      service: endpoint.signingService,
      region: endpoint.signingRegion,
    },
    caCertificates: call.caCertificates,
    timeoutMs: call.timeoutMs,
    signal: call.signal,
    retry: call.retry,
    interpret: (response) => interpretAnswer(call.action, response),
    explain: (fault, answerWasLost) =>
      explainRefusal({
        action: call.action,
        service: endpoint.signingService,
        awsCode: fault.code,
        awsMessage: fault.message,
        isSession: credentials?.sessionToken !== undefined,
        showsMfaCode: call.params["TokenCode"] !== undefined,
        answerWasLost,
      }),
  });
}

/** The body of a call: `Action=…&Version=…&Tags.member.1.Key=…`. */
export function renderQuery(
  action: string,
  version: string,
  params: Readonly<Record<string, QueryValue>>,
): string {
  const body = new URLSearchParams({ Action: action, Version: version });
  for (const [name, value] of flatten("", params)) body.append(name, value);
  return body.toString();
}

function* flatten(name: string, value: QueryValue): Generator<[string, string]> {
  if (value === undefined) return;
  if (typeof value === "string" || typeof value === "number") {
    yield [name, String(value)];
  } else if (isList(value)) {
    for (const [index, item] of value.entries()) {
      yield* flatten(`${name}.member.${index + 1}`, item);
    }
  } else {
    const prefix = name === "" ? "" : name + ".";
    for (const [field, item] of Object.entries(value)) yield* flatten(prefix + field, item);
  }
}

function isList(value: QueryValue): value is readonly QueryValue[] {
  return Array.isArray(value);
}

async function interpretAnswer(
  action: string,
  response: HttpResponse,
): Promise<Answer<XmlElement>> {
  if (response.body.trim() === "") return { kind: "unreadable", reason: "an empty answer" };
  const root = await parseXml(response.body);
  if (root === undefined) return { kind: "unreadable", reason: "not XML, or incomplete XML" };
  const fault = readFault(root);
  if (fault !== undefined) return { kind: "refused", fault };
  if (response.status === 200 && root.name === `${action}Response`) {
    return { kind: "done", value: root.element(`${action}Result`) ?? root };
  }
  const kind = root.name.toLowerCase() === "html" ? "a web page" : `a <${root.name}>`;
  return { kind: "unreadable", reason: `${kind} instead of AWS's answer` };
}

/** Reads a refusal; emulators of AWS (moto) put `<Errors>` around it, which botocore accepts too. */
function readFault(root: XmlElement) {
  if (root.name !== "ErrorResponse") return undefined;
  const error = root.element("Error") ?? root.element("Errors", "Error");
  const code = error?.text("Code");
  if (code === undefined || code === "") return undefined;
  return {
    code,
    message: error?.text("Message") ?? "",
    requestId: root.text("RequestId") ?? root.text("RequestID") ?? "",
  };
}

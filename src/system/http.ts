import { type Http, HttpFailure, type HttpRequest, type HttpResponse } from "../http.ts";
import { refuseUnusableCertificates } from "./certificate_file.ts";
import {
  describeAbsentProxy,
  describeClosedProxy,
  describeRefusedProxy,
  goesByProxy,
  pastProxies,
  proxyVariable,
} from "./past_proxies.ts";
import { readRawVariable } from "./process_environment.ts";

/** AWS's answers are a few kilobytes; a larger one is not from AWS, and must not fill the memory. */
const MAX_ANSWER_BYTES = 1024 * 1024;

/**
 * HTTP with the runtime's `fetch`.
 *
 * The runtime takes proxies from `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`, in upper or
 * lower case, also for requests with custom certificates. Plain `http://` is for this machine only (see
 * `src/config/endpoint_settings.ts`) and bypasses them: a remote proxy would see all of it.
 *
 * Requests with a body are sent once. Those without one may be sent twice by Deno 2.7 when the
 * connection closes before the answer; they only read.
 */
export function systemHttp(): Http {
  let isTrustSettled = false;
  return {
    send(request) {
      if (!isTrustSettled) trustSystemCertificates();
      isTrustSettled = true;
      return send(request);
    },
  };
}

async function send(request: HttpRequest): Promise<HttpResponse> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), request.timeoutMs);
  const signals = request.signal ? [deadline.signal, request.signal] : [deadline.signal];
  try {
    return await exchange(request, AbortSignal.any(signals));
  } catch (error) {
    request.signal?.throwIfAborted();
    if (!deadline.signal.aborted) throw error;
    const seconds = request.timeoutMs / 1000;
    throw new HttpFailure("timeout", `no answer within ${seconds} s`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Lets the runtime trust the system's certificates besides Mozilla's, as programs in Go and the AWS
 * CLI's packages do: behind a company's proxy that intercepts TLS there is no other way.
 *
 * The runtime reads the setting and the certificates (those of `SSL_CERT_FILE` too) once, for its first
 * HTTP client; `deno compile` cannot store the setting in the program. It is reset at once, since programs
 * that we run inherit the environment. A setting by the user is kept.
 */
function trustSystemCertificates(): void {
  refuseUnusableCertificates();
  const choice = "DENO_TLS_CA_STORE";
  if (readRawVariable(choice) !== undefined) return;
  Deno.env.set(choice, "mozilla,system");
  try {
    Deno.createHttpClient({}).close();
  } catch {
    // They cannot be read (SSL_CERT_FILE names a missing file): Mozilla's alone are enough for most people.
  } finally {
    Deno.env.delete(choice);
  }
}

async function exchange(request: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
  using client = openClient(request);
  const response = await begin(request, signal, client);
  if (response.status === PROXY_REFUSES) {
    await response.body?.cancel();
    throw new HttpFailure("proxy", describeRefusedProxy(new URL(request.url)));
  }
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await readBody(response),
  };
}

/** Opens a separate client to trust additional certificates, or to bypass proxies. */
function openClient(
  { url, caCertificates = [], isDirect }: HttpRequest,
): Deno.HttpClient | undefined {
  const make = () => makeClient(caCertificates);
  return pastProxies(new URL(url), make, isDirect) ??
    (caCertificates.length === 0 ? undefined : make());
}

function makeClient(caCertificates: readonly string[]): Deno.HttpClient {
  try {
    return Deno.createHttpClient({ caCerts: [...caCertificates] });
  } catch (error) {
    const why = `a certificate of ca_bundle or AWS_CA_BUNDLE is damaged: ${
      innermostMessage(error)
    }`;
    throw new HttpFailure("untrusted", why, { cause: error });
  }
}

async function begin(
  request: HttpRequest,
  signal: AbortSignal,
  client: Deno.HttpClient | undefined,
): Promise<Response> {
  try {
    return await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: "manual",
      signal,
      ...(request.body === undefined ? {} : { body: toUnrepeatable(request.body) }),
      ...(client === undefined ? {} : { client }),
    });
  } catch (error) {
    const url = new URL(request.url);
    throw await toProxyFailure(error, url) ??
      toFailure(error, url, !request.isDirect && goesByProxy(url));
  }
}

/** The failure of a proxy that does not connect, with the proxy's own answer if the runtime gives none. */
async function toProxyFailure(error: unknown, url: URL): Promise<HttpFailure | undefined> {
  if (!innermostMessage(error).includes("unsuccessful tunnel")) return undefined;
  const variable = proxyVariable(url);
  if (variable === undefined) return undefined;
  const { askProxy } = await import("./proxy_answer.ts");
  const answer = await askProxy(variable, url);
  const isAsking = answer !== undefined && / 407\b/.test(answer);
  return isAsking
    ? new HttpFailure("proxy", describeRefusedProxy(url), { cause: error })
    : new HttpFailure("closed-proxy", describeClosedProxy(url, answer), { cause: error });
}

/** The status of a proxy that needs credentials; a service never answers with it. */
const PROXY_REFUSES = 407;

/**
 * A body that the runtime can read only once, and so cannot send twice.
 *
 * Deno 2.7 resends a request with a text body, unasked, when the connection closes before the answer:
 * a CreateAccessKey whose answer was lost would leave two keys. A blob is streamed, but still sent with
 * its length, since AWS does not accept chunked bodies.
 */
function toUnrepeatable(body: string): Blob {
  return new Blob([body]);
}

/**
 * Distinguishes failures by the messages of the runtime's HTTP library (hyper), which has no codes:
 * `… client error (Connect): tcp connect error: Connection refused (os error 111)`.
 */
function toFailure(error: unknown, url: URL, byProxy: boolean): HttpFailure {
  const text = innermostMessage(error);
  if (text.includes("proxy authentication required")) {
    return new HttpFailure("proxy", describeRefusedProxy(url), { cause: error });
  }
  const reason = text.split("client error ").at(-1) ?? text;
  const why = reason.replace(/^\(\w+\): /, "");
  // The second: somebody selected the system's certificates, but they cannot be read.
  if (/invalid peer certificate|Failed to load platform certificates/.test(reason)) {
    return new HttpFailure("untrusted", why, { cause: error });
  }
  // With a proxy, name resolution and TCP concern the proxy.
  if (byProxy && /^\(Connect\): (tcp connect|dns) error|Proxy server unreachable/.test(reason)) {
    return new HttpFailure("closed-proxy", describeAbsentProxy(url, why), { cause: error });
  }
  // Everything until the connection is open: name resolution, TCP, the proxy's tunnel, TLS.
  const kind = reason.startsWith("(Connect)") ? "unsent" : "unanswered";
  return new HttpFailure(kind, why, { cause: error });
}

/** The innermost message: newer runtimes report `fetch failed` and keep the reason in the cause. */
function innermostMessage(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? innermostMessage(error.cause) : error.message;
}

async function readBody(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      if (size > MAX_ANSWER_BYTES) break;
      text += decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    throw new HttpFailure("cut", innermostMessage(error), { cause: error });
  }
  if (size > MAX_ANSWER_BYTES) throw new HttpFailure("cut", "it is larger than 1 MiB");
  return text + decoder.decode();
}

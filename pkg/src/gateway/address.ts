/** Which URLs may carry a secret, and how an id or a token is put into one. */
import { wellFormed, withoutEnd } from "../text.js";
import { format, type Wrong } from "./report.js";

/** Where the token goes in the cashier's address. */
export const TOKEN = "{token}";

/** RFC 3986, and in a path the few characters beside it that pass everywhere; stricter than `URL`, which mends what it reads. */
const LEGAL = /^[!#-;=?-[\]_a-z{|}~]*$/i;
const PARTS =
  /^([a-z\d]+):\/\/(?:([a-z\d:]*)@)?(\[[\da-f:.]*\]|[a-z\d\-._]+)(?::(\d+))?(?=[/?#]|$)([^?#]*)(\?[^#]*)?/i;
const LARGEST_PORT = 65_535;

interface Parts {
  readonly origin: string;
  readonly path: string;
  readonly hasQuery: boolean;
}

/** The parts of a URL that may carry a secret, https or http on this machine; or what is wrong with it. */
function partsOf(url: string): Parts | Wrong {
  const [found, scheme = "", user, host = "", port, path = "", query] = PARTS.exec(url) ?? [];
  if (found === undefined || !LEGAL.test(url) || Number(port ?? 0) > LARGEST_PORT) {
    return format("not a whole URL; give one such as https://gateway.example/api, with https:// and a host");
  }
  if (user !== undefined) {
    return ["credentials", "has a user name or password; leave it out, the API key is a setting of its own"];
  }
  const https = scheme.toLowerCase() === "https";
  const local = /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(host);
  if (!https && !(local && scheme.toLowerCase() === "http")) {
    return [
      "insecure",
      "must be https: the API key and payments go over it (http is accepted for localhost alone)",
    ];
  }
  const name = withoutEnd(host, ".").toLowerCase();
  return {
    origin: `${https} ${name} ${Number(port ?? (https ? 443 : 80))}`,
    path,
    hasQuery: query !== undefined,
  };
}

function isWrong(parts: Parts | Wrong): parts is Wrong {
  return Array.isArray(parts);
}

/** Why a user cannot be sent to `url` to pay, if it is none that a provider's page has: https, and not on the gateway's own origin. */
export function noPage(url: string, baseUrl: string): string | undefined {
  const page = partsOf(url);
  const base = partsOf(baseUrl);
  if (isWrong(page) || isWrong(base)) return "the redirect names no https address of a provider's page";
  return page.origin === base.origin
    ? "the redirect stays on the gateway's own address, so it is no provider's page: check the base URL and the route"
    : undefined;
}

export function checkBaseUrl(url: string): Wrong | undefined {
  const parts = partsOf(url);
  if (isWrong(parts)) return parts;
  if (url.includes("#") || parts.hasQuery)
    return format("has a query or a fragment; give the address that the routes are appended to");
  if (/[{}]|(?:^|\/)\.\.?(?:\/|$)/.test(parts.path))
    return format("has braces or a `..`; give the plain address");
  return undefined;
}

export function checkCashierUrl(template: string): Wrong | undefined {
  const parts = partsOf(template.replaceAll(TOKEN, "token"));
  if (isWrong(parts)) return parts;
  const [, host] = /:\/\/([^/?#]*)/.exec(template) ?? [];
  if (host === undefined || host.includes(TOKEN)) return format("the token must not be part of the host");
  if (template.split(TOKEN).length !== 2)
    return format("needs `{token}` once, where the cashier's token goes");
  return undefined;
}

/** Percent-encodes whatever could mean something in a URL: all but RFC 3986's "unreserved". */
export function encode(text: string): string {
  return encodeURIComponent(wellFormed(text)).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

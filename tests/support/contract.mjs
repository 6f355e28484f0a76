// What worker/openapi.yaml promises, and what worker/src/problem.rs has: operations, and the problem codes under each status.

import { readFile } from "node:fs/promises";
import { STATUS_CODES } from "node:http";
import { parse } from "yaml";

const METHODS = ["get", "post", "put", "patch", "delete"];
const read = (path) => readFile(new URL(`../../${path}`, import.meta.url), "utf8");

/** The problem codes of the source with their statuses, as `Map { "not_found" => 404 }`. */
export async function codesOfTheSource() {
  const source = await read("worker/src/problem.rs");
  const constant = (text) => text.toUpperCase().replace(/[^A-Z]+/g, "_");
  const statuses = Object.fromEntries(
    Object.entries(STATUS_CODES).map(([status, text]) => [constant(text), Number(status)]),
  );
  const entries = source.matchAll(/Code::(\w+) => \(StatusCode::(\w+),/g);
  const name = (variant) => variant.replace(/(?<!^)([A-Z])/g, "_$1").toLowerCase();
  return new Map([...entries].map(([, variant, status]) => [name(variant), statuses[status]]));
}

/**
 * The operations of the document: `{ method, path, security, parameters: ["wait"], responses: Map { 404 => ["session_not_found"] } }`, with the names in the query as
 * parameters; `anywhere` has the codes that any address can answer.
 */
export async function contract() {
  const document = parse(await read("worker/openapi.yaml"));
  const known = await codesOfTheSource();
  const codes = (text) =>
    [...text.matchAll(/`([a-z_]+)`/g)].map(([, word]) => word).filter((word) => known.has(word));
  const resolve = (node) =>
    node.$ref
      ? node.$ref
          .slice(2)
          .split("/")
          .reduce((found, key) => found[key], document)
      : node;
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      method: method.toUpperCase(),
      path,
      security: (item[method].security ?? []).flatMap(Object.keys),
      parameters: (item[method].parameters ?? [])
        .map(resolve)
        .filter((parameter) => parameter.in === "query")
        .map(({ name }) => name),
      responses: new Map(
        Object.entries(item[method].responses).map(([status, response]) => [
          Number(status),
          codes(resolve(response).description),
        ]),
      ),
    })),
  );
  const anywhere = new Map(
    [...document.info.description.matchAll(/`([a-z_]+)` \((\d{3})/g)].map(([, code, status]) => [
      code,
      Number(status),
    ]),
  );
  return { document, operations, anywhere };
}

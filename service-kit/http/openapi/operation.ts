import type { TObject } from "typebox";
import { type BodyDeclaration, isMultipartBody, isRawBody, type MultipartBody } from "../body/index.ts";
import type { ErrorTable } from "../errors.ts";
import type { ResponseDeclaration, Route } from "../route.ts";

type Json = Record<string, unknown>;
export type Reference = (schema: object) => Json;

export interface OperationOptions {
  reference: Reference;
  errors: ErrorTable;
  errorDocsPath: string;
  /** The security requirements for a route's access. */
  security(access: unknown): Json[];
}

/** One route as an OpenAPI operation. */
export function operation(route: Route, o: OperationOptions): Json {
  return {
    operationId: route.operationId,
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    tags: route.tags,
    security: route.access === "public" ? [] : o.security(route.access),
    parameters: [
      ...parameters("path", route.params, o.reference),
      ...parameters("query", route.query, o.reference),
    ],
    ...(route.body ? { requestBody: requestBody(route.body, o.reference) } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.responses).map(([status, declared]) => [
          status,
          response(declared, o.reference),
        ]),
      ),
      ...problemResponses(route, o),
    },
  };
}

/** The codes a route can answer with: its own, and those that the HTTP layer adds. */
export function errorCodesOf(route: Route): string[] {
  const codes = [...route.errors, "internal-error"];
  if (route.access !== "public") codes.push("unauthorized", "forbidden");
  if (route.params) codes.push("malformed-url");
  if (route.params || route.query || route.body) codes.push("invalid-request");
  if (route.body) codes.push("payload-too-large", "unsupported-media-type", "request-incomplete");
  if (route.body && !isRawBody(route.body) && !isMultipartBody(route.body)) codes.push("malformed-json");
  return [...new Set(codes)].toSorted();
}

function parameters(where: "path" | "query", schema: TObject | undefined, reference: Reference): Json[] {
  if (!schema) return [];
  const required = new Set<string>(schema.required ?? []);
  return Object.entries(schema.properties).map(([name, property]) => {
    const { description, ...rest } = property as Json;
    return {
      name: name === "*" ? "path" : name,
      in: where,
      required: where === "path" || (required.has(name) && !("default" in rest)),
      ...(description ? { description } : {}),
      // `filter[email]=…`
      ...(rest.type === "object" ? { style: "deepObject", explode: true } : {}),
      schema: reference(rest),
    };
  });
}

function requestBody(body: BodyDeclaration, reference: Reference): Json {
  if (isRawBody(body)) {
    const binary = { schema: { type: "string", format: "binary" } };
    const types = body.raw.map((type) => (type === "*" ? "*/*" : type));
    return { required: true, content: Object.fromEntries(types.map((type) => [type, binary])) };
  }
  if (isMultipartBody(body))
    return { required: true, content: { "multipart/form-data": multipart(body.multipart) } };
  return {
    required: true,
    content: { "application/json": { schema: reference(withoutRequiredDefaults(body)) } },
  };
}

/** What has a default need not be sent. (Of a named schema this cannot be said: replies have it too.) */
function withoutRequiredDefaults(body: object): object {
  const { properties, required, ...rest } = body as {
    properties?: Record<string, object>;
    required?: string[];
  };
  if (!properties || !required || "$id" in rest || "title" in rest) return body;
  return {
    ...rest,
    properties,
    required: required.filter((name) => !("default" in (properties[name] ?? {}))),
  };
}

function multipart({ fields, file }: MultipartBody["multipart"]): Json {
  const properties: Json = {};
  for (const [name, field] of Object.entries(fields)) {
    properties[name] = { type: "string", ...(field.description ? { description: field.description } : {}) };
  }
  properties[file.name] = {
    type: "string",
    contentMediaType: file.mediaTypes[0],
    ...(file.description ? { description: file.description } : {}),
  };
  const required = Object.keys(fields).filter((name) => !fields[name]?.optional);
  return {
    schema: { type: "object", properties, required: [...required, file.name] },
    encoding: { [file.name]: { contentType: file.mediaTypes.join(", ") } },
  };
}

function response(declared: ResponseDeclaration, reference: Reference): Json {
  const headers = Object.entries(declared.headers ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  return {
    description: declared.description,
    ...(headers.length > 0 ? { headers: Object.fromEntries(headers) } : {}),
    ...(declared.schema ? { content: { "application/json": { schema: reference(declared.schema) } } } : {}),
    ...(declared.mediaType && !declared.schema ? { content: { [declared.mediaType]: {} } } : {}),
  };
}

/** One response for each status, with the codes it can carry as an enum and as examples. */
function problemResponses(route: Route, o: OperationOptions): Json {
  const byStatus = Object.groupBy(errorCodesOf(route), (code) => String(o.errors[code]?.status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, codes = []]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${o.errors[code]?.description}`).join("\n\n"),
        content: {
          "application/problem+json": {
            schema: {
              allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: codes } } }],
            },
            examples: Object.fromEntries(codes.map((code) => [code, { value: example(code, o) }])),
          },
        },
      },
    ]),
  );
}

function example(code: string, o: OperationOptions): Json {
  return {
    type: `${o.errorDocsPath}#${code}`,
    title: o.errors[code]?.title,
    status: o.errors[code]?.status,
    detail: o.errors[code]?.description,
    code,
    instance: "urn:plugboard:request:0195f5a2-6a7e-7c3e-9c39-2f6a0f1d7a11",
  };
}

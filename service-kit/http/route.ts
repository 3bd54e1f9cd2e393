import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type Koa from "koa";
import type { Static, TObject, TSchema } from "typebox";
import type { Logger } from "../observe/index.ts";
import type { BodyDeclaration, BodyOf } from "./body/index.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

export interface ResponseDeclaration {
  description: string;
  /** Of a JSON body. Without it the body is empty, a Buffer, or a stream. */
  schema?: TSchema;
  /** The media type of a body that is not JSON, for the documentation. */
  mediaType?: string;
  /** Name → what it says, for the documentation. */
  headers?: Record<string, string>;
}

export type ResponseDeclarations = Record<number, ResponseDeclaration>;

export type ReplyHeaders = Record<string, string | string[]>;

/** What a handler may answer: one of the declared statuses, with the body that its schema says. */
export type ReplyOf<Responses extends ResponseDeclarations> = {
  [Status in keyof Responses & number]: Responses[Status] extends { schema: infer Schema extends TSchema }
    ? { status: Status; body: Static<Schema>; headers?: ReplyHeaders }
    : { status: Status; body?: Buffer | Readable | string; headers?: ReplyHeaders };
}[keyof Responses & number];

/** What `authenticate` gets to see of a request: everything but its body. */
export interface RequestHead {
  method: string;
  /** The path without query, as it came. */
  path: string;
  /** The path template of the route, such as `/api/v1/installs/:id`. */
  routePath: string;
  headers: IncomingHttpHeaders;
  /** Address of the client; of the proxy, unless `trustProxy` is set. */
  ip: string;
  requestId: string;
  /** Koa's context, as a way out: to set a response header, say. */
  ctx: Koa.Context;
}

export interface RouteRequest<Params = unknown, Query = unknown, Body = unknown, Identity = unknown>
  extends RequestHead {
  params: Params;
  query: Query;
  body: Body;
  /** What `authenticate` returned; undefined on a public route. */
  identity: Identity;
  /** Aborted when the client goes away before the answer. */
  signal: AbortSignal;
  /** Adds the request id to every line. */
  log: Logger;
}

/** A route with its types taken off: what `createHttpApp` and `buildOpenApi` work on. */
export interface Route {
  method: Method;
  /** Starts with `/`; parts that vary are written `:name`, and `*` stands for the whole rest. */
  path: string;
  /** Unique; the function name in generated clients. */
  operationId: string;
  /** One line. */
  summary: string;
  /** Markdown. */
  description?: string;
  tags: string[];
  /** Who may call it: `"public"`, or whatever the service's `authenticate` understands. */
  access: unknown;
  params?: TObject;
  query?: TObject;
  body?: BodyDeclaration;
  /** Of a JSON body. Default 1 MiB. */
  maxBodyBytes?: number;
  responses: ResponseDeclarations;
  /** The codes it answers with, beside those that the HTTP layer adds by itself. */
  errors: string[];
  // A method, not a property: methods are compared bivariantly, so that a typed route is a Route.
  handler(request: RouteRequest): Promise<{ status: number; body?: unknown; headers?: ReplyHeaders }>;
}

type NoFields = TObject<Record<never, never>>;

/** A route as it is written down: `Route`, with the handler's types following from the schemas. */
export type TypedRoute<
  Params extends TObject,
  Query extends TObject,
  Body extends BodyDeclaration | undefined,
  Responses extends ResponseDeclarations,
  Access,
  Identity,
> = Omit<Route, "params" | "query" | "body" | "responses" | "access" | "handler"> & {
  access: Access;
  params?: Params;
  query?: Query;
  body?: Body;
  responses: Responses;
  handler(
    request: RouteRequest<
      Static<Params>,
      Static<Query>,
      BodyOf<Body>,
      Access extends "public" ? undefined : Identity
    >,
  ): Promise<ReplyOf<NoInfer<Responses>>>;
};

/**
 * Makes a `route` function for a service, whose handlers know the service's kinds of access and its identity.
 *
 * @example const route = routeFactory<Access, Identity>();
 */
export function routeFactory<ServiceAccess, Identity>() {
  return function route<
    const Responses extends ResponseDeclarations,
    const Access extends ServiceAccess | "public",
    Params extends TObject = NoFields,
    Query extends TObject = NoFields,
    Body extends BodyDeclaration | undefined = undefined,
  >(declaration: TypedRoute<Params, Query, Body, Responses, Access, Identity>): Route {
    return declaration as unknown as Route;
  };
}

/** Declares a route; for services whose identity needs no type. See `routeFactory`. */
export const route = routeFactory<unknown, unknown>();

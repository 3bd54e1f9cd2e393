import type { ObjectShape, Shape } from "../schema/index.ts";
import type { Operation } from "./operations.ts";
import type { Server } from "./servers.ts";

/** An operation as an action of the plugin: what goes in and comes out, and how the request is made of it. */
export interface ActionModel {
  /** `create-customer` */
  name: string;
  /** `createCustomer` */
  identifier: string;
  group: string;
  title: string;
  description: string | undefined;
  /** https; for whoever reads the code. */
  documentation: string | undefined;
  operation: Operation;
  /** Where it is called, if not where the others are. */
  server: Server | undefined;
  input: ObjectShape;
  output: Shape;
  path: PathPart[];
  /** As network permissions write paths, below the server's: `/users/*`. */
  pathPattern: string;
  query: Argument[];
  headers: Argument[];
  /** What the request says it accepts, where that is not plain JSON. */
  accept: string | undefined;
  body: Body | undefined;
  answer: "json" | "text" | "bytes" | "nothing";
}

export type PathPart = string | { input: string; as: "segment" | "segments" | "list" };

/** A query parameter, a header or a part of a form, and the property of the input that it is taken from. */
export interface Argument {
  name: string;
  input: string;
  /**
   * - `plain`: as text; each item of a list for itself;
   * - `json`: as JSON;
   * - `spread`: each property for itself;
   * - `brackets`: `name[property]=…`;
   * - a separator: the items of a list between it.
   */
  as: "plain" | "json" | "spread" | "brackets" | "," | " " | "|";
}

export interface Body {
  kind: "json" | "form" | "brackets" | "multipart" | "text" | "bytes";
  contentType: string;
  /** Its properties are properties of the input; else the input has it whole, under this name. */
  input: string | undefined;
  /** Of multipart: which properties are files. */
  files: string[];
}

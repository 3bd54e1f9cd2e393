import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { closedSchema } from "./closed-schema.ts";
import type { Problem } from "./problems.ts";

/** Checks a value in place (defaults are filled in), and says all that is wrong with it. */
export type Validator = (value: unknown) => Problem[];

const none: Problem[] = [];

export interface ValidatorOptions {
  in: Problem["in"];
  /** Query and path are text: "5" is taken for 5, one value for a list of one. A JSON body is not. */
  coerce: boolean;
}

const maxProblems = 50;
/** Above this many characters of input the first problem is enough: listing all would cost too much. */
const maxListedCharacters = 65_536;

/**
 * Compiles a request schema once, for every request of a route. Unknown fields are refused. Compiled is when the first
 * request comes: it takes milliseconds, and all schemas of a service half a second of its start.
 */
export function compileValidator(schema: object, o: ValidatorOptions): Validator {
  let closed: object;
  let accepts: ValidateFunction | undefined;
  // Most requests are right. Only for one that is not are all problems looked for, and then compiled for.
  let listAll: ValidateFunction | undefined;
  return (value) => {
    closed ??= closedSchema(schema);
    accepts ??= ajvWith({ allErrors: false, coerce: o.coerce, defaults: true }).compile(closed);
    if (accepts(value)) return none;
    let errors = accepts.errors ?? [];
    if (JSON.stringify(value).length <= maxListedCharacters) {
      listAll ??= ajvWith({ allErrors: true, coerce: o.coerce, defaults: true }).compile(closed);
      listAll(value);
      errors = listAll.errors ?? errors;
    }
    // That a union's tag is wrong is told by the tag's own `enum`, which also lists what it may be.
    const told = errors.filter(({ keyword }) => keyword !== "discriminator");
    return (told.length > 0 ? told : errors).slice(0, maxProblems).map((error) => toProblem(error, o.in));
  };
}

/** Compiles the schema of a reply, to be held against what a handler really sends. */
export function compileReplyCheck(schema: object): (value: unknown) => string | undefined {
  const closed = closedSchema(schema);
  const accepts = ajvWith({ allErrors: true, coerce: false, defaults: false }).compile(closed);
  return (value) => {
    if (accepts(JSON.parse(JSON.stringify(value)))) return undefined;
    return (accepts.errors ?? []).map((error) => `${error.instancePath} ${error.message}`).join("; ");
  };
}

/** One ajv instance for each set of options, however many routes there are. */
const instances = new Map<string, Ajv2020>();

function ajvWith(o: { allErrors: boolean; coerce: boolean; defaults: boolean }): Ajv2020 {
  const key = JSON.stringify(o);
  let ajv = instances.get(key);
  if (!ajv) {
    ajv = new Ajv2020({
      allErrors: o.allErrors,
      coerceTypes: o.coerce ? "array" : false,
      useDefaults: o.defaults,
      strictTypes: false,
      strictRequired: false,
      strictTuples: false,
      allowUnionTypes: true,
      discriminator: true,
      // Our own schemas, whose documents a test holds against the specification; the meta-schema takes as long as they.
      meta: false,
      validateSchema: false,
    });
    formats.default(ajv);
    instances.set(key, ajv);
  }
  return ajv;
}

function toProblem(error: ErrorObject, where: Problem["in"]): Problem {
  const at = (name: string) => `${error.instancePath}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const params: Record<string, unknown> = error.params;
  switch (error.keyword) {
    case "required":
      return { in: where, pointer: at(String(params.missingProperty)), message: "is required" };
    case "additionalProperties":
      return {
        in: where,
        pointer: at(String(params.additionalProperty)),
        message: "is not a known field",
      };
    case "unevaluatedProperties":
      return {
        in: where,
        pointer: at(String(params.unevaluatedProperty)),
        message: "is not a known field",
      };
    case "enum":
      return {
        in: where,
        pointer: error.instancePath,
        message: `must be one of ${JSON.stringify(params.allowedValues)}`,
      };
    case "const":
      return {
        in: where,
        pointer: error.instancePath,
        message: `must be ${JSON.stringify(params.allowedValue)}`,
      };
    default:
      return { in: where, pointer: error.instancePath, message: error.message ?? `fails "${error.keyword}"` };
  }
}

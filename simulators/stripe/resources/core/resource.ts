import type { ParamKind, Params, ParamTable } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import type { AnyRecord, Name, Shapes } from "../../records/shapes.ts";
import type { SearchFields } from "../../search/index.ts";

/** A parameter of a list, and what it leaves in. */
export interface Filter<Shape> {
  kind: ParamKind;
  /** Without it the parameter is only checked; `keep` has a use for it. */
  fits?(record: Shape, value: unknown): boolean;
}

/** A POST (or DELETE) on the resource; `run` is only called once the parameters are found right. */
export interface Operation<Shape, Before extends unknown[]> {
  params: ParamTable;
  required: readonly string[];
  run(call: Call, params: Params, ...before: Before): Shape;
}

/** All that there is to say of one resource of Stripe's: its routes follow from it. */
export interface Resource<Of extends Name> {
  name: Of;
  /** `/v1/payment_intents` */
  path: string;
  /** What a restricted key has to be allowed, before `_read` or `_write`. */
  permission: string;
  create?: Operation<Shapes[Of], []>;
  update?: Operation<Shapes[Of], [Shapes[Of]]>;
  /** DELETE. Answers what is left of it. */
  remove?: Operation<object, [Shapes[Of]]>;
  /** POST /{id}/{name} */
  actions?: { [name: string]: Operation<Shapes[Of], [Shapes[Of]]> };
  list: {
    filters: { [param: string]: Filter<Shapes[Of]> };
    keep?(record: Shapes[Of], params: Params): boolean;
  };
  search?: SearchFields;
  /** GET /{id}/{name}: lists of what is in the record. */
  parts?: { [name: string]: (call: Call, record: Shapes[Of]) => AnyRecord[] };
  /** Fields with ids that can be expanded, and the resource that they are of. */
  references: { readonly [field: string]: Name };
  /** Fields that are there only when they are expanded. */
  included?: { readonly [field: string]: (call: Call, record: Shapes[Of]) => unknown };
}

/** Lets the compiler hold names of parameters against those of Stripe's own client. */
export function operation<Given, Shape, Before extends unknown[] = []>(definition: {
  params: { readonly [Param in keyof Given]?: ParamKind };
  required?: readonly (keyof Given & string)[];
  run(call: Call, params: Given, ...before: Before): Shape;
}): Operation<Shape, Before> {
  // The table has let nothing else through than what the type says.
  return { required: [], ...definition } as unknown as Operation<Shape, Before>;
}

export const defineResource = <Of extends Name>(resource: Resource<Of>): Resource<Of> => resource;

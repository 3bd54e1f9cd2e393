/** How a field of a resource can be searched (https://docs.stripe.com/search#query-fields-for-each-resource). */
export type SearchFields = { readonly [field: string]: FieldKind };

/** `token`: equal in full. `string`: also by part, with `~`. `numeric`: also compared. */
export interface FieldKind {
  type: "token" | "string" | "numeric";
  /** Where it stands, if not under its own name: `parent.subscription_details.subscription`. */
  at?: string;
}

export const token: FieldKind = { type: "token" };
export const string: FieldKind = { type: "string" };
export const numeric: FieldKind = { type: "numeric" };

/** A field by way of what leads to it: `Owner.Name` is `["Owner", "Name"]`. */
export interface Path {
  names: string[];
  /** Where in the query it stands, for what is said of it. */
  at: number;
}

export interface Query {
  /** As it was sent. */
  soql: string;
  select: Selected[];
  from: Path;
  /** What else the object is called within the query. */
  alias: string | undefined;
  where: Expression | undefined;
  groupBy: Path[];
  having: Expression | undefined;
  orderBy: Order[];
  limit: number | undefined;
  offset: number;
}

export type Selected =
  | { kind: "path"; path: Path; alias: string | undefined }
  | { kind: "count" }
  | { kind: "aggregate"; of: Aggregate; alias: string | undefined }
  | { kind: "fields"; group: "ALL" | "STANDARD" | "CUSTOM" }
  | { kind: "children"; query: Query };

export type AggregateName = "COUNT" | "COUNT_DISTINCT" | "SUM" | "AVG" | "MIN" | "MAX";

/** `SUM(Amount)` */
export interface Aggregate {
  name: AggregateName;
  path: Path;
}

export interface Order {
  by: Path | Aggregate;
  descending: boolean;
  nullsLast: boolean;
}

export type Expression =
  | { kind: "and" | "or"; parts: Expression[] }
  | { kind: "not"; part: Expression }
  | { kind: "comparison"; by: Path | Aggregate; operator: Comparison; values: Literal[] }
  /** `Id IN (SELECT AccountId FROM Contact)` */
  | { kind: "among"; path: Path; isNegated: boolean; query: Query };

export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" | "IN" | "NOT IN";

export type Literal =
  /** `written` has its escapes, of which a LIKE makes more. */
  | { kind: "text"; value: string; written: string }
  | { kind: "number"; value: number }
  | { kind: "boolean"; value: boolean }
  | { kind: "null"; value: null }
  | { kind: "date"; value: string }
  | { kind: "datetime"; value: string }
  /** `LAST_N_DAYS:30` */
  | { kind: "span"; name: string; n: number; at: number };

export const isAggregate = (by: Path | Aggregate): by is Aggregate => "name" in by;

export interface Query {
  select: Selected[];
  from: string;
  where: Expression | undefined;
  orderBy: Order[];
  limit: number | undefined;
  offset: number;
}

/** `Owner.Name` is `["Owner", "Name"]`. */
export type Selected =
  | { kind: "path"; path: string[] }
  | { kind: "count" }
  | { kind: "fields"; group: "ALL" | "STANDARD" | "CUSTOM" };

export interface Order {
  path: string[];
  descending: boolean;
  nullsLast: boolean;
}

export type Expression =
  | { kind: "and" | "or"; parts: Expression[] }
  | { kind: "not"; part: Expression }
  | { kind: "comparison"; path: string[]; operator: Comparison; values: Literal[] };

export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" | "LIKE" | "IN" | "NOT IN";

export type Literal =
  | { kind: "text"; value: string }
  | { kind: "number"; value: number }
  | { kind: "boolean"; value: boolean }
  | { kind: "null"; value: null }
  | { kind: "date"; value: string }
  | { kind: "datetime"; value: string }
  /** `LAST_N_DAYS:30` */
  | { kind: "span"; name: string; n: number };

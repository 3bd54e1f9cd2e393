import type { Compilable, CompiledQuery, Kysely } from "kysely";

/** How the pool knows a statement that each connection keeps: see `createPool`. */
export const preparedMark = "/* prepared */ ";

/**
 * A query that is asked so often that building and planning it would cost more than running it: built once for each
 * database, and planned once on each of its connections. Only for queries with few forms and named columns, whose best
 * plan is the same for all parameters.
 *
 * @param build the query over stand-ins for the parameters: it must pass them on as they are, to be bound
 */
export function prepared<Tables, Parameters extends object, Row>(
  build: (db: Kysely<Tables>, parameters: Parameters) => Compilable<Row>,
): (db: Kysely<Tables>, parameters: Parameters) => Promise<Row[]> {
  const built = new WeakMap<object, CompiledQuery<Row>>();
  return async function ask(db, parameters) {
    let query = built.get(db);
    if (!query) {
      query = build(db, standIns<Parameters>()).compile();
      built.set(db, query);
    }
    const values = query.parameters.map((value) =>
      value instanceof StandIn ? parameters[value.name as keyof Parameters] : value,
    );
    const { rows } = await db.executeQuery<Row>({
      ...query,
      sql: preparedMark + query.sql,
      parameters: values,
    });
    return rows;
  };
}

/** Stands for a parameter while a query is built. */
class StandIn {
  readonly name: PropertyKey;
  constructor(name: PropertyKey) {
    this.name = name;
  }
}

function standIns<Parameters extends object>(): Parameters {
  return new Proxy({} as Parameters, { get: (_, name) => new StandIn(name) });
}

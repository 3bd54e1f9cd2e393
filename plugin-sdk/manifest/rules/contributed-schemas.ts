import { checkContributedSchema, createPatternCheck } from "../contributed-schema/index.ts";
import { pointerTo } from "../pointer.ts";
import type { Contributes, JsonSchema, Problem } from "../types.ts";
import { defineRule } from "./rule.ts";

/** Schemas run in the host on data of tenants: only the subset that stays within its means is allowed. */
export const contributedSchemasRule = defineRule({
  needs: ["connection", "contributes"],
  check({ connection, contributes }) {
    const refusePattern = createPatternCheck();
    // A connector says of the same record in ten places what it is like: looked at once. What patterns cost is counted
    // wherever they stand.
    const seen = new Map<string, Problem[]>();
    function problemsOf(schema: JsonSchema): Problem[] {
      const text = JSON.stringify(schema);
      const problems = seen.get(text) ?? checkContributedSchema(schema, refusePattern);
      if (!text.includes('"pattern')) seen.set(text, problems);
      return problems;
    }
    function under(pointer: string, schema: JsonSchema): Problem[] {
      return problemsOf(schema).map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
    }
    const { config } = connection ?? {};
    const problems = config
      ? [...under("/connection/config", config), ...mustBeObject("/connection/config", config)]
      : [];
    for (const { pointer, schema, isFields } of schemasOf(contributes)) {
      problems.push(...under(pointer, schema), ...(isFields ? mustBeObject(pointer, schema) : []));
    }
    return problems;
  },
});

/** Every schema that the code brings; `isFields`: it must be one of an object. */
function schemasOf(
  contributes: Contributes | undefined,
): { pointer: string; schema: JsonSchema; isFields: boolean }[] {
  const { actions = {}, triggers = {}, entities = {} } = contributes ?? {};
  function of(
    kind: string,
    name: string,
    fields: { [member: string]: JsonSchema | undefined },
    values: { [member: string]: JsonSchema | undefined } = {},
  ) {
    return [...Object.entries(fields), ...Object.entries(values)].flatMap(([member, schema]) =>
      schema
        ? [{ pointer: pointerTo("contributes", kind, name, member), schema, isFields: member in fields }]
        : [],
    );
  }
  return [
    ...Object.entries(actions).flatMap(([name, { input, output }]) =>
      of("actions", name, { input }, { output }),
    ),
    ...Object.entries(triggers).flatMap(([name, trigger]) =>
      of(
        "triggers",
        name,
        { config: trigger.kind === "webhook" ? undefined : trigger.config },
        { output: trigger.output },
      ),
    ),
    ...Object.entries(entities).flatMap(([name, { schema, input, filter }]) =>
      of("entities", name, { schema, input, filter }),
    ),
  ];
}

/** Settings, records and inputs are written as named fields, in forms and as tools of an agent. */
function mustBeObject(pointer: string, schema: JsonSchema): Problem[] {
  if (schema.type === "object") return [];
  return [
    {
      code: "schema-not-object",
      pointer: `${pointer}/type`,
      message: 'This schema must describe an object; expected "type": "object".',
    },
  ];
}

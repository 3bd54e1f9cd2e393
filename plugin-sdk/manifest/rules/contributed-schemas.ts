import { checkContributedSchema, createPatternCheck } from "../contributed-schema/index.ts";
import { pointerTo } from "../pointer.ts";
import type { JsonSchema, Problem } from "../types.ts";
import { defineRule } from "./rule.ts";

/** Schemas run in the host on data of tenants: only the subset that stays within its means is allowed. */
export const contributedSchemasRule = defineRule({
  needs: ["connection", "contributes"],
  check({ connection, contributes }) {
    const refusePattern = createPatternCheck();
    function under(pointer: string, schema: JsonSchema): Problem[] {
      return checkContributedSchema(schema, refusePattern).map((problem) => ({
        ...problem,
        pointer: pointer + problem.pointer,
      }));
    }
    const { config } = connection ?? {};
    const problems = config
      ? [...under("/connection/config", config), ...mustBeObject("/connection/config", config)]
      : [];
    for (const [name, { input, output }] of Object.entries(contributes?.actions ?? {})) {
      const at = pointerTo("contributes", "actions", name);
      problems.push(...under(`${at}/input`, input), ...mustBeObject(`${at}/input`, input));
      problems.push(...under(`${at}/output`, output));
    }
    return problems;
  },
});

/** Settings and inputs are written as named fields, in forms and as tools of an agent. */
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

/**
 * What the code says of its connections' settings, so that they have types, and plugin.json does not: then the types would
 * be wrong.
 *
 * @param configs as the code says it, by where: `actions/create-customer`
 * @param declared `connection.config` of plugin.json
 */
export function configDifferences(
  configs: { [place: string]: unknown },
  declared: unknown,
): { place: string[]; message: string }[] {
  const given = settingsOf(declared);
  return Object.entries(configs).flatMap(([place, config]) =>
    [...settingsOf(config)].flatMap(([name, { type, isRequired }]) => {
      const difference = differenceOf(given.get(name), type, isRequired);
      if (!difference) return [];
      const message = `The code says that connections have the setting ${name}, which connection.config of plugin.json ${difference}; say the same in both.`;
      return [{ place: place.split("/"), message }];
    }),
  );
}

interface Setting {
  type: string;
  isRequired: boolean;
}

function differenceOf(given: Setting | undefined, type: string, isRequired: boolean): string | undefined {
  if (!given) return "does not have";
  if (given.type !== type) return `has as ${given.type} and not as ${type}`;
  return isRequired && !given.isRequired ? "does not require" : undefined;
}

function settingsOf(schema: unknown): Map<string, Setting> {
  const { properties, required } = (schema ?? {}) as { properties?: unknown; required?: unknown };
  const names = Array.isArray(required) ? required : [];
  return new Map(
    Object.entries(typeof properties === "object" && properties !== null ? properties : {}).map(
      ([name, { type }]) => [
        name,
        { type: JSON.stringify(type ?? "anything"), isRequired: names.includes(name) },
      ],
    ),
  );
}

import { GraphQLError } from "graphql";

/**
 * What Shopify takes and this simulator does not is an error, never ignored; but for members that ask for nothing.
 *
 * @param known the members that are simulated, parted by spaces
 * @throws GraphQLError NOT_SIMULATED
 */
export function refuseUnknown(what: string, input: object, known: string): void {
  const names = known.split(" ");
  const unknown = Object.entries(input)
    .filter(([name, value]) => !names.includes(name) && value !== false && value !== null)
    .map(([name]) => name);
  if (unknown.length === 0) return;
  throw new GraphQLError(`The simulator does not take ${unknown.join(", ")} of ${what}.`, {
    extensions: { code: "NOT_SIMULATED" },
  });
}

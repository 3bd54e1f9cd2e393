import { type BatchResult, PluginError, VendorUnavailableError } from "@plugboard/plugin-sdk";
import { type Admin, send, type Variables } from "./admin.ts";
import { errorOfReply, errorsIn, type GraphqlReply, isOfChange } from "./errors.ts";
import { throwUserErrors, type UserError } from "./user-errors.ts";

/**
 * Changes that go in one document: so many cost well below the 1,000 points that a document may.
 * https://shopify.dev/docs/api/usage/limits
 */
export const mostWrites = 20;

interface Written<Node> {
  record?: Node | null;
  userErrors: UserError[];
}

type Prepared = { variables: Variables } | { error: Error };

/**
 * Makes many changes of one kind in one document, in which the mutation stands once for each. Shopify carries them out one
 * after the other, and one that it refuses is in nobody's way.
 *
 * @param document that of a single change
 * @param variables of each change; throws PluginError for one that is not to be asked for
 * @param keyOf the key that a change is told under, when it was made
 */
export async function writeMany<Write, Node, Record>(
  admin: Admin,
  document: string,
  writes: readonly Write[],
  {
    variables,
    keyOf,
    read,
  }: {
    variables(write: Write): Variables;
    keyOf(write: Write, node: Node): string;
    /** Left out where there is no record any more. */
    read?(node: Node): Record;
  },
): Promise<BatchResult<Record>[]> {
  const prepared = writes.map((write): Prepared => {
    try {
      return { variables: variables(write) };
    } catch (error) {
      return { error: error as Error };
    }
  });
  const asked = prepared.filter((one) => "variables" in one);
  const outcomes = await askAll<Node>(
    admin,
    document,
    asked.map((one) => one.variables),
  );
  return prepared.map((one, index): BatchResult<Record> => {
    if ("error" in one) return one;
    const node = outcomes.shift();
    if (node instanceof PluginError || node === undefined)
      return { error: node ?? open("Shopify does not say what became of the change.") };
    const write = writes[index] as Write;
    const key = keyOf(write, node.record);
    // A record of which not all may be read is none; that it was written counts.
    return { key, ...(read && node.isWhole && { record: read(node.record) }) };
  });
}

type Outcome<Node> = { record: Node; isWhole: boolean } | PluginError;

/** @throws PluginError where Shopify did not answer, or refused the request before it looked at the document */
async function askAll<Node>(
  admin: Admin,
  document: string,
  variables: readonly Variables[],
): Promise<Outcome<Node>[]> {
  if (variables.length === 0) return [];
  const names = variables.map((_, index) => `written_${index}`);
  const given = Object.assign({}, ...variables.map(numbered)) as Variables;
  const reply = await send<{ [alias: string]: Written<Node> | null }>(
    admin,
    repeated(document, variables.length),
    given,
  );
  if (reply?.data) return names.map((name) => outcomeOf(reply, name));
  const error =
    reply?.errors && !errorsIn(reply).some(isOfChange)
      ? openIfVague(errorOfReply(reply))
      : open("Shopify answered without data.");
  // What one of them has wrong keeps Shopify from looking at the others.
  if (error.code !== "invalid-input" || variables.length === 1) return variables.map(() => error);
  const alone: Outcome<Node>[] = [];
  for (const one of variables) alone.push(...(await askAll<Node>(admin, document, [one]).catch(toOutcome)));
  return alone;
}

/** Of one among many only this says that nobody can tell whether it was made; all else is told as refused. */
const open = (message: string, options?: Pick<PluginError, "details">): PluginError =>
  new VendorUnavailableError(message, options);

const openIfVague = (error: PluginError): PluginError =>
  error.code === "vendor-error" ? open(error.message, error) : error;

/** Others were asked for before, so that this one's failure must not be theirs. */
function toOutcome(error: unknown): PluginError[] {
  return [error instanceof PluginError ? openIfVague(error) : open((error as Error).message)];
}

function outcomeOf<Node>(
  { data, errors }: GraphqlReply<{ [alias: string]: Written<Node> | null }>,
  name: string,
): Outcome<Node> {
  const written = data?.[name];
  const own = Array.isArray(errors) ? errors.filter(({ path }) => !path || path[0] === name) : [];
  try {
    throwUserErrors(written?.userErrors ?? []);
  } catch (error) {
    return error as PluginError;
  }
  const record = written?.record;
  if (record !== null && record !== undefined) return { record, isWhole: own.length === 0 };
  if (own.length === 0) return open("Shopify does not say what became of the change.");
  return openIfVague(errorOfReply({ data: { written }, errors: own }));
}

const numbered = (variables: Variables, index: number): Variables =>
  Object.fromEntries(Object.entries(variables).map(([name, value]) => [`${name}_${index}`, value]));

/** The document of one change as that of several: the mutation once for each, with variables of its own. */
export function repeated(document: string, count: number): string {
  const end = document.indexOf("fragment ");
  const [operation, fragments] = end < 0 ? [document, ""] : [document.slice(0, end), document.slice(end)];
  const [, name, parameters = "", body = ""] =
    /^mutation (\w+)\(([^)]*)\)\s*\{\s*written:([\s\S]*)\}\s*$/.exec(operation) ?? [];
  if (name === undefined) throw new TypeError("This is no document of one change.");
  const each = (text: string) =>
    Array.from({ length: count }, (_, index) => text.replaceAll(/\$(\w+)/g, `$$$1_${index}`));
  const written = each(body).map((one, index) => `written_${index}:${one}`);
  return `mutation ${name}s(${each(parameters).join(", ")}) {\n${written.join("\n")}\n} ${fragments}`;
}

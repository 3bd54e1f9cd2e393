import { type CleanedEnvAccessors, cleanEnv, makeValidator, type ValidatorSpec } from "envalid";

/** One variable of the environment has a value that the program cannot start with. `message` is one line. */
export class EnvironmentError extends Error {
  override name = "EnvironmentError";
}

type Specs = Record<string, ValidatorSpec<unknown>>;
type Values<S extends Specs> = { [K in keyof S]: S[K] extends ValidatorSpec<infer T> ? T : never };

/**
 * A variable that may be unset. `parse` turns its text into a value or throws; what is allowed stands in `expected`,
 * which completes the sentence "PORT must be …".
 */
export function optional<T>(expected: string, parse: (text: string) => T): ValidatorSpec<T | undefined> {
  return variable<T | undefined>(expected, parse)({ default: undefined });
}

/** A variable with a value to fall back on. */
export function withDefault<T>(
  fallback: T & {},
  expected: string,
  parse: (text: string) => T,
): ValidatorSpec<T> {
  return variable<T>(expected, parse)({ default: fallback }) as ValidatorSpec<T>;
}

function variable<T>(expected: string, parse: (text: string) => T) {
  return makeValidator<T>((text) => {
    try {
      return parse(text);
    } catch {
      throw new TypeError(expected);
    }
  });
}

/**
 * Reads the variables that `specs` names. An empty value counts as unset.
 * @throws {EnvironmentError} naming the first variable that does not fit and what is allowed; never its value, which
 *   may be a secret
 */
export function readEnvironment<S extends Specs>(env: NodeJS.ProcessEnv, specs: S): Values<S> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ""));
  const cleaned: CleanedEnvAccessors & Record<string, unknown> = cleanEnv(given, specs, {
    reporter({ errors }) {
      const [first] = Object.entries(errors);
      if (first) throw new EnvironmentError(`${first[0]} must be ${first[1]?.message ?? "another value"}.`);
    },
  });
  return Object.fromEntries(Object.keys(specs).map((name) => [name, cleaned[name]])) as Values<S>;
}

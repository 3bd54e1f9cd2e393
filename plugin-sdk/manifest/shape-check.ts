import { Ajv2020 } from "ajv/dist/2020.js";
import { problemsOf } from "./ajv-problems.ts";
import type { Problem } from "./types.ts";

/**
 * Says all that is wrong with a value by a schema of ours. Compiled is with the first value: it takes a twentieth of a second,
 * which no program should pay that checks none.
 */
export function shapeCheck(schema: object): (value: unknown) => Problem[] {
  const compile = () =>
    new Ajv2020({
      allErrors: true,
      verbose: true,
      strict: true,
      strictTypes: false,
      strictRequired: false,
      discriminator: true,
      // These are our own; the meta-schema would take as long again.
      meta: false,
      validateSchema: false,
      // ajv's optimiser takes longer than all else of it, and manifests are checked once.
      code: { optimize: false },
    }).compile(schema);
  let fits: ReturnType<typeof compile> | undefined;
  return (value) => {
    fits ??= compile();
    return fits(value) ? [] : problemsOf(fits.errors ?? [], { describe: true });
  };
}

import assert from "node:assert/strict";
import { RegistryProblem } from "@plugboard/registry/client";

/** Waits for the registry's no, and gives it back to be looked at. */
export async function refused(
  request: Promise<unknown>,
  status: number,
  code: string,
): Promise<RegistryProblem> {
  const problem = await request.then(
    () => assert.fail(`The registry accepted what it should refuse with ${code}.`),
    (error: unknown) => error,
  );
  assert.ok(problem instanceof RegistryProblem, String(problem));
  assert.deepEqual([problem.status, problem.code], [status, code], problem.message);
  return problem;
}

/** The places that a refusal's `problems` name. */
export function pointersOf({ members }: RegistryProblem): string[] {
  return (members.problems as { pointer: string }[]).map(({ pointer }) => pointer);
}

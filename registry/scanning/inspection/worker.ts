/** The thread in which a stranger's text is looked at, one after the other: nothing of one is kept for the next. */
import type { Inspections } from "./inspect.ts";

type Question = {
  [Kind in keyof Inspections]: { kind: Kind; input: Inspections[Kind]["input"] };
}[keyof Inspections];

export default async function answer(question: Question): Promise<Inspections[keyof Inspections]["answer"]> {
  // Each brings its own library, and only the one that is asked for is loaded.
  if (question.kind === "code") {
    const { readCode } = await import("./read-code.ts");
    return readCode(question.input.code);
  }
  const { findSecrets } = await import("./find-secrets.ts");
  return findSecrets(question.input.files);
}

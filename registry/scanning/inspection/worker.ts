/** The thread in which a stranger's text is looked at, one after the other: nothing of one is kept for the next. */
import { findSecrets, readCode } from "@plugboard/plugin-sdk/inspection";
import type { Inspections } from "./inspect.ts";

type Question = {
  [Kind in keyof Inspections]: { kind: Kind; input: Inspections[Kind]["input"] };
}[keyof Inspections];

export default async function answer(question: Question): Promise<Inspections[keyof Inspections]["answer"]> {
  return question.kind === "code" ? readCode(question.input.code) : findSecrets(question.input.files);
}

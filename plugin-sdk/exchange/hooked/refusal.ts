/** Why what a hook answered is not gone on with. Its message quotes names, and never a value. */
export class HookAnswerRefusal extends Error {
  override readonly name = "HookAnswerRefusal";
  readonly code = "hook-answer-invalid";
}

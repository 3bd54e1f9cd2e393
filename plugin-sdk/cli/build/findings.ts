import { CliFailure, type FailureProblem } from "../failure.ts";

/** All that is wrong, whatever step finds it. */
export class Findings {
  readonly #problems: FailureProblem[] = [];
  #first: CliFailure | undefined;

  /** @param ofManifest what is wrong before anything is built */
  constructor(ofManifest: readonly FailureProblem[]) {
    this.add(ofManifest);
  }

  isEmpty(): boolean {
    return this.#problems.length === 0 && !this.#first;
  }

  has(code: string): boolean {
    return this.#problems.some((problem) => problem.code === code);
  }

  add(problems: readonly FailureProblem[]): void {
    this.#problems.push(...problems);
  }

  /** @returns undefined where it failed, which is kept */
  async attempt<T>(step: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof CliFailure)) throw error;
      this.#first ??= error;
      this.add(error.problems);
      return undefined;
    }
  }

  failure(): CliFailure {
    const problems = this.#problems;
    if (this.#first) {
      const { code, message, cause } = this.#first;
      return new CliFailure(code, message, { problems, cause });
    }
    const ofManifest = problems.every(({ file }) => file === "plugin.json");
    return ofManifest
      ? new CliFailure("manifest-invalid", "plugin.json is not valid.", { problems })
      : new CliFailure("plugin-invalid", "The plugin is not valid.", { problems });
  }
}

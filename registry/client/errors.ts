/** The registry answered and refused. `code` is stable; `members` has what else the problem document says. */
export class RegistryProblem extends Error {
  override name = "RegistryProblem";
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  readonly members: Record<string, unknown>;

  constructor(problem: { code: string; status: number; detail: string; members: Record<string, unknown> }) {
    super(`The registry refused (${problem.code}): ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.members = problem.members;
  }
}

/** Nobody answered in time, or not as a registry does. What was asked for may or may not have been done. */
export class RegistryUnavailable extends Error {
  override name = "RegistryUnavailable";
  readonly code = "registry-unavailable";
}

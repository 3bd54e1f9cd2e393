import assert from "node:assert/strict";
import type { Org } from "../../orgs.ts";

// biome-ignore lint/suspicious/noExplicitAny: a scenario knows what it looks for, and fails where it is not there
export type Answer = any;

/** A refusal in Salesforce's terms. */
export class Refusal extends Error {
  readonly code: string | undefined;
  constructor(message: string, code: string | undefined) {
    super(message);
    this.code = code;
  }
}

/** Whoever drives the API: jsforce, or a connector. */
export interface Driver {
  /**
   * Carries out an action, such as `create-record`, with records as Salesforce has them.
   *
   * @throws {Refusal}
   */
  run(action: string, input?: object): Promise<Answer>;
  /** The org that it is done in, with nothing in it but its user. */
  org: Org;
  /** Lets time go by there. */
  pass(ms: number): void;
}

export interface Scenario {
  name: string;
  play(driver: Driver): Promise<void>;
}

/** The clock of the orgs that scenarios are played in. */
export function scenarioClock() {
  let now = Date.UTC(2026, 10, 1, 12);
  return {
    nowMs: () => now,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

/** A refusal is what Salesforce says it is. */
export async function refused(work: Promise<unknown>, code: string, message?: RegExp): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.equal(error.code, code, error.message);
    if (message) assert.match(error.message, message);
    return true;
  });
}

export const create = async ({ run }: Driver, object: string, fields: object): Promise<string> =>
  (await run("create-record", { object, fields })).id;

import assert from "node:assert/strict";
import type { Buyer } from "../../index.ts";

/** A record as whoever drives the API gives it, under names like `latestCharge`. */
export interface Answer {
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: a scenario knows what it looks for, and fails where it is not there
  [field: string]: any;
}

/** A refusal in Stripe's terms. */
export class Refusal extends Error {
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly param: string | undefined;
  constructor(
    message: string,
    told: { status?: number | undefined; code?: string | undefined; param?: string | undefined },
  ) {
    super(message);
    this.status = told.status;
    this.code = told.code;
    this.param = told.param;
  }
}

/** Whoever drives the API: Stripe's own client, or a connector. */
export interface Driver {
  /**
   * Carries out an action such as `create-payment-intent`. What names a record is `id`; lists and searches answer
   * `items` and `nextCursor`.
   *
   * @throws {Refusal}
   */
  run(action: string, input?: object): Promise<Answer>;
  buyer: Buyer;
}

export interface Scenario {
  name: string;
  play(driver: Driver): Promise<void>;
}

/** A refusal is what Stripe says it is. */
export async function refused(
  work: Promise<unknown>,
  told: { status: number; code?: string; param?: string },
) {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof Refusal, String(error));
    const { status, code, param } = error;
    assert.deepEqual(
      { status, ...(told.code && { code }), ...(told.param && { param }) },
      told,
      error.message,
    );
    return true;
  });
}

/** What a payment needs that is to be made at once, with cards only. */
export const atOnce = {
  confirm: true,
  automaticPaymentMethods: { enabled: true, allowRedirects: "never" },
} as const;

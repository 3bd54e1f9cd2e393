import { relative } from "node:path";
import type { TestEvent } from "node:test/reporters";
import type { TestRun } from "./run-tests.ts";

/** A reporter of node:test that writes one JSON document ({@link TestRun}) when all is over. */
export default async function* summarize(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const run: TestRun = { tests: 0, passed: 0, failed: 0, skipped: 0, failures: [] };
  for await (const { type, data } of events) {
    if (type !== "test:pass" && type !== "test:fail") continue;
    // A suite, and a test with tests in it, say once more what these said.
    if (data.details.type === "suite") continue;
    run.tests++;
    if (data.skip !== undefined) run.skipped++;
    else if (type === "test:pass") run.passed++;
    else {
      run.failed++;
      const { name, file, line, column } = data;
      const { error } = data.details;
      const message = `${name}: ${error.cause instanceof Error ? error.cause.message : error.message}`;
      const place = file === undefined ? {} : { file: relative(process.cwd(), file) };
      run.failures.push({
        code: "test-failed",
        ...place,
        ...(line !== undefined && { line }),
        ...(column !== undefined && { column }),
        message: message.split("\n", 1)[0] ?? "",
      });
    }
  }
  yield JSON.stringify(run);
}

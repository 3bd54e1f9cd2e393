import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const program = `
  import { outliveRejections } from "@plugboard/service-kit/engine";
  import { createLogger } from "@plugboard/service-kit/observe";

  outliveRejections(createLogger({ name: "test" }));
  Promise.reject(new Error("unheard, with Bearer sk_live_51Hexample0000000000000000"));
  Promise.reject("no error at all");
  setImmediate(() => process.stdout.write("it goes on\\n"));
  process.argv[1] === "throws" && setTimeout(() => { throw new Error("uncaught"); });
`;

const run = (...args: string[]) =>
  promisify(execFile)(process.execPath, [
    "--conditions=@plugboard/source",
    "--input-type=module",
    "--eval",
    program,
    ...args,
  ]);

test("what fails where nobody hears of it is told in the log, without secrets, and ends nothing", async () => {
  const { stdout } = await run();
  assert.match(stdout, /"level":"?(50|error)"?[^\n]*unheard[^\n]*nobody was there to hear/);
  assert.match(stdout, /no error at all/);
  assert.match(stdout, /^it goes on$/m);
  assert.doesNotMatch(stdout, /sk_live/);
});

test("an exception that nobody catches ends it", async () => {
  await assert.rejects(run("throws"), { code: 1 });
});
